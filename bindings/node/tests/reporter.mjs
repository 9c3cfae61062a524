// For node --test: what failed, and the counts in the closing line that test.sh adds up.

export default async function* reporter(events) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for await (const { type, data } of events) {
    // A file is reported too, unless all of its tests are.
    if (type === 'test:pass' && data.details?.type !== 'suite') {
      if (data.skip === undefined) {
        passed++;
      } else {
        skipped++;
        yield `skipped: ${data.name} (${data.skip})\n`;
      }
    } else if (type === 'test:fail') {
      failed++;
      const error = data.details?.error;
      yield `FAILED: ${data.name}\n${error?.cause?.stack ?? error?.cause ?? error?.stack ?? error}\n`;
    }
  }
  yield `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}
