package contactfile

import (
	"strings"
	"testing"
)

func TestNDJSON(t *testing.T) {
	for name, c := range map[string][2]string{
		"lists and strings": {`{"id":7,"Full Name":"Ada King","mobile_phones":["202-224-3121","+1 202 224 3121 x5",12022243122],"work_phones":"202-224-3441;202-224-3442","country":"US"}`,
			"01 Ada King work_phone=+12022243441 work_phone=+12022243442 mobile_phone=+12022243121 mobile_phone=+12022243121;ext=5 mobile_phone=+12022243122"},
		"one value under the field's name": {`{"id":"1","personal_email":"A@b.example","work_email":"c@d.example","work_email_status":"likely"}`,
			"01 work_email=c@d.example/likely personal_email=a@b.example"},
		"nulls, blank lines, CRLF and a mark": {"\ufeff{\"id\":\"1\",\"title\":null}\r\n\r\n{\"id\":\"2\"}\r\n", "01\n03"},
		"bad values": {`{"id":"1","title":["x"],"mobile_phones":{"a":1},"work_phones":["12"],"country":"US"}`,
			`01 [title: must be text] [mobile_phones: must be text] [work_phones: "12" is not a phone number in US]`},
		"malformed lines": {"{\n[1]\n{\"id\":1}x\n{\"id\":1,}\n\"id\"\n{\"id\":1,\"ID\":2}\n{\"id\":\"a\\u0000\"}\n{\"id\":\"\xff\"}\n{\"id\":\"9\"}",
			"01 rejected [the line is not valid JSON]\n02 rejected [the line is not a JSON object]\n" +
				"03 rejected [the line continues after its JSON object]\n04 rejected [the line is not valid JSON]\n" +
				"05 rejected [the line is not a JSON object]\n06 rejected [the line names id twice]\n" +
				"07 rejected [id holds a NUL character]\n08 rejected [the line is not UTF-8 text]\n09"},
		"too long": {`{"id":"` + strings.Repeat("x", 2<<20) + "\"}\n{\"id\":\"2\"}", "01 rejected [the line is longer than 1 MiB]\n02"},
		"too deep": {`{"id":"1","x":` + strings.Repeat("[", 500_000) + "\n{\"id\":\"2\"}", "01 rejected [the line is not valid JSON]\n02"},
		"empty":    {"", ""},
	} {
		t.Run(name, func(t *testing.T) { expect(t, ndjsonType, c[0], c[1]) })
	}
}

func TestNDJSONKeepsTheRest(t *testing.T) {
	p := readAll(t, strings.NewReader(`{"id":"1","Party":"x","n":1.50,"ok":true,"nothing":null,"tags":["a", {"b": 1}]}`), ndjsonType)[0].Person
	want := map[string]string{"party": "x", "n": "1.50", "ok": "true", "tags": `["a",{"b":1}]`}
	if len(p.Extra) != len(want) {
		t.Errorf("extra %v", p.Extra)
	}
	for name, value := range want {
		if p.Extra[name] != value {
			t.Errorf("%s = %q, want %q", name, p.Extra[name], value)
		}
	}
}
