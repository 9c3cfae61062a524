package dev.libmona;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as values, for tests: whole numbers as Long or BigInteger, others as Double. */
final class JsonReader {
    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    static Object read(String text) {
        JsonReader reader = new JsonReader(text);
        Object value = reader.value();
        reader.blanks();
        if (reader.at != text.length()) {
            throw new IllegalArgumentException("more than one value, at " + reader.at);
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String text) {
        return (Map<String, Object>) read(text);
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private Object value() {
        blanks();
        char first = text.charAt(at);
        switch (first) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            default:
                return word();
        }
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        at++;
        blanks();
        while (text.charAt(at) != '}') {
            blanks();
            String key = string();
            blanks();
            expect(':');
            object.put(key, value());
            blanks();
            if (text.charAt(at) == ',') {
                at++;
            }
        }
        at++;
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        at++;
        blanks();
        while (text.charAt(at) != ']') {
            array.add(value());
            blanks();
            if (text.charAt(at) == ',') {
                at++;
            }
        }
        at++;
        return array;
    }

    private void expect(char wanted) {
        if (text.charAt(at) != wanted) {
            throw new IllegalArgumentException(wanted + " is expected at " + at);
        }
        at++;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        expect('"');
        while (text.charAt(at) != '"') {
            char unit = text.charAt(at++);
            if (unit != '\\') {
                string.append(unit);
                continue;
            }
            unit = text.charAt(at++);
            switch (unit) {
                case 'u':
                    string.append((char) Integer.parseInt(text, at, at + 4, 16));
                    at += 4;
                    break;
                case 'n':
                    string.append('\n');
                    break;
                case 't':
                    string.append('\t');
                    break;
                case 'r':
                    string.append('\r');
                    break;
                case 'b':
                    string.append('\b');
                    break;
                case 'f':
                    string.append('\f');
                    break;
                default:
                    string.append(unit);
            }
        }
        at++;
        return string.toString();
    }

    private Object word() {
        int from = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(from, at);
        switch (word) {
            case "null":
                return null;
            case "true":
                return true;
            case "false":
                return false;
            default:
                return number(word);
        }
    }

    private static Object number(String word) {
        if (word.matches("-?\\d+")) {
            BigInteger whole = new BigInteger(word);
            return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
        }
        return Double.valueOf(word);
    }
}
