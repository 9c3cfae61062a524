package mona

import (
	"strconv"
	"strings"
)

// refusal is why a value cannot be sent, and where in the message it stands.
type refusal struct {
	path   string
	reason string
}

func (r *refusal) Error() string {
	if r.path == "" {
		return r.reason
	}
	return r.path + ": " + r.reason
}

// in puts the name of what is around it before the path.
func (r *refusal) in(name string) *refusal {
	if r.path != "" && r.path[0] != '[' && name != "" {
		name += "."
	}
	r.path = name + r.path
	if len(r.path) > longestPath {
		r.path = strings.ToValidUTF8(r.path[:longestPath], "") + "…"
	}
	return r
}

// The bytes of a path that are said: that into a cycle is long enough to cost a second to put together.
const longestPath = 256

func noJSON(what string) *refusal {
	return &refusal{reason: what + " cannot be sent, a value that JSON has is expected"}
}

func tooDeep() *refusal {
	return &refusal{reason: "more than " + strconv.Itoa(maxDepth) + " levels, or a cycle; fewer are expected"}
}

func tooLong() *refusal {
	return &refusal{reason: "more than " + strconv.Itoa(longestText) + " bytes of JSON, fewer are expected"}
}
