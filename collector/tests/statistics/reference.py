#!/usr/bin/env python3
"""Makes reference.json: what SciPy, NumPy and statsmodels say of three data sets.

Run it in this folder, in an environment with the packages that README.md names. With --data it also copies
penguins.csv and randhie.csv out of the packages, as README.md describes.
"""

import csv
import json
import pathlib
import sys

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

HERE = pathlib.Path(__file__).parent
DIGITS = HERE / "../../../bindings/c/examples/data/digits.csv"
RANDHIE = ["mdvis", "lncoins", "idp", "disea", "hlthg"]


def copy_data():
    import palmerpenguins
    import statsmodels.datasets.randhie as randhie

    source = pathlib.Path(palmerpenguins.__file__).parent / "data/penguins.csv"
    (HERE / "penguins.csv").write_bytes(source.read_bytes())
    with open(pathlib.Path(randhie.__file__).parent / "randhie.csv") as file:
        rows = list(csv.DictReader(file))[::4]
    with open(HERE / "randhie.csv", "w") as file:
        file.write(",".join(RANDHIE) + "\n")
        file.writelines(",".join(row[name] for name in RANDHIE) + "\n" for row in rows)


def digits():
    """Name to column, as the test reads them: the label, one pixel, and the mean of all pixels."""
    rows = [[int(cell) for cell in line.split(",")] for line in DIGITS.read_text().splitlines()]
    return {
        "label": [str(row[64]) for row in rows],
        "pixel": [float(row[36]) for row in rows],
        "ink": [sum(row[:64]) / 64 for row in rows],
    }


def table(name):
    with open(HERE / name) as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(column):
    return np.array([np.nan if cell in ("", "NA") else float(cell) for cell in column])


def summary(values):
    p05, p50, p95 = np.quantile(values, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {
        "count": len(values),
        "mean": values.mean(),
        "variance": values.var(ddof=1),
        "p05": p05,
        "p50": p50,
        "p95": p95,
    }


def against(group, rest):
    t = stats.ttest_ind(group, rest, equal_var=False)
    interval = t.confidence_interval(0.95)
    spread = np.sqrt((group.var(ddof=1) + rest.var(ddof=1)) / 2)
    u = stats.mannwhitneyu(group, rest, method="asymptotic", use_continuity=True)
    return {
        "t": t.statistic,
        "freedom": t.df,
        "p": t.pvalue,
        "low": interval.low,
        "high": interval.high,
        "effect": (group.mean() - rest.mean()) / spread,
        "u": u.statistic,
        "u_p": u.pvalue,
    }


def by_dimension(data, columns, kapi, dimension):
    values = numbers(columns[kapi])
    names = np.array(columns[dimension])
    there = ~np.isnan(values)
    groups = []
    for name in sorted(set(names[there])):
        inside, outside = values[there & (names == name)], values[there & (names != name)]
        groups.append({"name": str(name), **summary(inside), "against": against(inside, outside)})
    adjusted = stats.false_discovery_control([group["against"]["p"] for group in groups], method="bh")
    for group, p in zip(groups, adjusted):
        group["against"]["adjusted"] = p
    return {"data": data, "kapi": kapi, "dimension": dimension, "groups": groups}


def exact(data, columns, kapi, first, second):
    values = numbers(columns[kapi])
    values = values[~np.isnan(values)]
    # Each value once, because an exact test knows no ties; in the order of the file.
    values = values[np.sort(np.unique(values, return_index=True)[1])]
    a, b = values[first[0] : first[1]], values[second[0] : second[1]]
    u = stats.mannwhitneyu(a, b, method="exact")
    return {"data": data, "kapi": kapi, "first": first, "second": second, "u": u.statistic, "p": u.pvalue}


def shares(data, columns, dimension, split, value):
    names, halves = np.array(columns[dimension]), np.array(columns[split]) == value
    values = sorted(set(names))
    counts = [[int(((names == name) & side).sum()) for name in values] for side in (halves, ~halves)]
    test = stats.chi2_contingency(counts, correction=False)
    a, b = np.array(counts[0]), np.array(counts[1])
    changes = []
    for had, other in zip(a, b):
        low, high = confint_proportions_2indep(had, a.sum(), other, b.sum(), method="newcomb", compare="diff")
        _, p = proportions_ztest([had, other], [a.sum(), b.sum()])
        changes.append({"low": low, "high": high, "p": p})
    return {
        "data": data,
        "dimension": dimension,
        "counts": counts,
        "statistic": test.statistic,
        "freedom": test.dof,
        "p": test.pvalue,
        "effect": np.abs(a / a.sum() - b / b.sum()).sum() / 2,
        "changes": changes,
    }


def plain(value):
    return value.item()


def main():
    if "--data" in sys.argv:
        copy_data()
    d, p, r = digits(), table("penguins.csv"), table("randhie.csv")
    reference = {
        "made_with": {module.__name__: module.__version__ for module in (np, scipy, statsmodels)},
        "by": [
            by_dimension("digits", d, "ink", "label"),
            by_dimension("digits", d, "pixel", "label"),
            by_dimension("penguins", p, "body_mass_g", "species"),
            by_dimension("penguins", p, "bill_length_mm", "island"),
            by_dimension("penguins", p, "flipper_length_mm", "sex"),
            by_dimension("randhie", r, "mdvis", "idp"),
            by_dimension("randhie", r, "mdvis", "hlthg"),
            by_dimension("randhie", r, "disea", "idp"),
        ],
        "exact": [
            exact("penguins", p, "bill_length_mm", [0, 5], [100, 104]),
            exact("penguins", p, "bill_length_mm", [0, 8], [120, 128]),
            exact("digits", d, "ink", [0, 8], [20, 100]),
        ],
        "shares": [
            shares("penguins", p, "species", "sex", "male"),
            shares("penguins", p, "island", "species", "Adelie"),
            shares("randhie", r, "hlthg", "idp", "1"),
            shares("digits", d, "label", "pixel", 0.0),
        ],
    }
    text = json.dumps(reference, indent=1, default=plain)
    (HERE / "reference.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
