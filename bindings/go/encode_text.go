package mona

import "unicode/utf8"

const hexadecimal = "0123456789abcdef"

// appendKey writes a name and its colon.
func appendKey(out []byte, name string) ([]byte, *refusal) {
	out, err := appendString(out, name)
	if err != nil {
		err.reason = "a key: " + err.reason
	}
	return append(out, ':'), err
}

// appendString writes text. What is not UTF-8 is refused: another text would be another value.
func appendString(out []byte, text string) ([]byte, *refusal) {
	out = append(out, '"')
	start := 0
	for place := 0; place < len(text); {
		c := text[place]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[place:])
			if r == utf8.RuneError && size == 1 {
				return out, &refusal{reason: "text that is not UTF-8, UTF-8 is expected"}
			}
			place += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			place++
			continue
		}
		out = append(out, text[start:place]...)
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hexadecimal[c>>4], hexadecimal[c&0xf])
		}
		place++
		start = place
	}
	return append(append(out, text[start:]...), '"'), nil
}
