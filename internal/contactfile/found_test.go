package contactfile

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// found is a case of a kind that others ran into: where it was reported, a file with
// it, and what must stand in the account of it. The people are invented.
type found struct {
	source, kind, file string
	want               []string // "!" before one: must not stand there
}

const gh = "https://github.com/"

// one is a file of one person with a number.
func one(country, number string) string {
	return "full_name,company,country,work_phones\nAda King,Acme," + country + ",\"" + number + "\"\n"
}

func mail(cell string) string {
	return "Name,Company,Email\nAda King,Acme,\"" + strings.ReplaceAll(cell, `"`, `""`) + "\"\n"
}

func named(name string) string {
	return "full_name,company\n\"" + strings.ReplaceAll(name, `"`, `""`) + "\",Acme\n"
}

func employer(company string) string {
	return "full_name,company\nAda King,\"" + company + "\"\n"
}

var cases = []found{
	// Phones
	{gh + "google/libphonenumber/issues/1302", "", one("SE", "070 123 45 67 (Axel)"), []string{"work_phone=+46701234567 ", "!2935"}},
	{gh + "giggsey/libphonenumber-for-php/issues/67", "", one("AR", "+5493516315734 ext."), []string{"work_phone=+5493516315734 ", "!398"}},
	{gh + "daviddrysdale/python-phonenumbers/issues/114", "", one("IN", "+917878787878 xyz"), []string{"work_phone=+917878787878 ", "!999"}},
	{gh + "google/libphonenumber/issues/1798", "", one("RO", "+4072d3800439"), []string{"!work_phone="}},
	{gh + "google/libphonenumber/issues/1199", "", one("US", "a53055a51212a"), []string{"!work_phone="}},
	{gh + "giggsey/libphonenumber-for-php/issues/739", "", one("CH", "+33 6 6X XX XX 84"), []string{"hidden digits", "!work_phone="}},
	{gh + "daddyz/phonelib/issues/367", "", one("", "+16502530000 ext. 136"), []string{"work_phone=+16502530000;ext=136"}},
	{gh + "google/libphonenumber/issues/988", "", one("US", "4084568908#"), []string{"work_phone=+14084568908 "}},
	{gh + "google/libphonenumber/issues/988#2", "", one("US", "4084568908#6"), []string{"work_phone=+14084568908;ext=6"}},
	{gh + "TrevorPilley/phone-number-parser/issues/492", "", one("", "tel:+44-114-272-6444,1234"), []string{"work_phone=+441142726444;ext=1234"}},
	{gh + "google/libphonenumber/issues/1591", "", one("US", "(530) 583-6985 x302"), []string{"work_phone=+15305836985;ext=302"}},
	{gh + "catamphetamine/libphonenumber-js/issues/268", "", one("PL", "513140867 and 513140868"), []string{"work_phone=+48513140867 work_phone=+48513140868"}},
	{gh + "alltheplaces/alltheplaces/pull/9548", "", one("BE", "02/633 12 34"), []string{"work_phone=+3226331234 "}},
	{gh + "confusedbuffalo/phone-report/pull/58", "", one("DE", "05251/1234567"), []string{"work_phone=+4952511234567 "}},
	{gh + "splitbrain/googlephonefix/issues/1", "", one("DE", "+49 30/1234567"), []string{"work_phone=+49301234567 "}},
	{gh + "nyaruka/phonenumbers/pull/176", "", one("", "+5214424123123"), []string{"work_phone=+524424123123 "}},
	{gh + "daddyz/phonelib/issues/33", "", one("MX", "+52 044 55 4525 8448"), []string{"!work_phone=+52044"}},
	{gh + "AlmogBaku/IntlPhoneInput/issues/58", "", one("MX", "044 222 123 4567"), []string{"work_phone=+522221234567 "}},
	{gh + "alphagov/notifications-admin/pull/4124", "", one("GB", "4.47900E+11"), []string{"a spreadsheet has rounded", "!work_phone="}},
	{gh + "dilshod/xlsx2csv/issues/190", "", one("US", "3.108207129E9"), []string{"work_phone=+13108207129 "}},
	{gh + "nhoizey/vscode-gremlins/pull/204", "", one("", "\u2066+972 50\u2011234\u20115678\u2069"), []string{"work_phone=+972502345678 "}},
	{gh + "glific/glific/pull/4973", "", one("IN", "\ufeff+91 98765 12345\u200d"), []string{"work_phone=+919876512345 "}},
	{gh + "whisperfish/rust-phonenumber/issues/83", "", one("", "+1 650-253-0000"), []string{"work_phone=+16502530000 "}},
	{gh + "hitobito/hitobito/issues/710", "text/vcard", card("FN:Ada King", "ORG:Acme", "TEL;TYPE=arbeit:+41 31 328 05 51"), []string{"work_phone=+41313280551 "}},
	// Emails
	{gh + "jackbearheart/email-addresses/issues/67", "", mail("ada@acme.example <ada@acme.example>"), []string{"work_email=ada@acme.example ", "!not an email"}},
	{gh + "lettre/lettre/pull/844", "", mail(`"Test, test" <ada@acme.example>, "B <b>" <bob@acme.example>`), []string{"work_email=ada@acme.example work_email=bob@acme.example "}},
	{gh + "modoboa/modoboa/pull/4179", "", mail(`"King, Ada T - Eagan, MN" <ada@acme.example>`), []string{"work_email=ada@acme.example ", "!not an email"}},
	{gh + "SpamScope/mail-parser/issues/132", "", mail("ada@acme.example <bob@acme.example>"), []string{"is not an email address", "!work_email=b"}},
	{gh + "Qowaiv/Qowaiv/pull/77", "", mail("Ada <3 King <ada@acme.example>"), []string{"work_email=ada@acme.example "}},
	{"https://emailit.com/docs/email-verification/results.md", "", "email,email_status,name,company\nada@acme.example,safe,Ada,Acme\n", []string{"work_email=ada@acme.example/verified"}},
	{"https://developer.instantly.ai/api-reference/schemas/email-verification", "", "Email,Verification Status,Name,Company\nada@acme.example,pending,Ada,Acme\n", []string{"work_email=ada@acme.example ", "!verified"}},
	// Columns
	{gh + "rapidpro/rapidpro/issues/1367", "", "Name,Company,Tel,Tel\nBob King,Acme,+1 202 456 7001,+1 202 456 7002\n", []string{"work_phone=+12024567001 work_phone=+12024567002"}},
	{gh + "mldbai/mldb/pull/365", "", "full_name,company,work_email,\nAda King,Acme,ada@acme.example,\n", []string{"Ada King work_email=ada@acme.example"}},
	{gh + "deephaven/deephaven-core/issues/1800", "", "Name|Company|Email|\nAda King|Acme|ada@acme.example|\n", []string{"Ada King work_email=ada@acme.example"}},
	{gh + "ddeboer/data-import/pull/33", "", "Name,Company,Email,Phone,Notes\nAda King,Acme,ada@acme.example\n", []string{"Ada King work_email=ada@acme.example", "!rejected"}},
	{gh + "dehesa/CodableCSV/issues/34", "", "Name,Company,Email,\nAda King,Acme,ada@acme.example\nBob Ray,Acme,bob@acme.example,x,y\nCem Can,Acme,cem@acme.example\n", []string{"Ada King work", "02 rejected", "Cem Can work"}},
	{gh + "nbramia/LifeOS/pull/814", "", "Notes:\n\"When exporting your connection data, you may notice that\n some are missing.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\nAda,King,https://www.linkedin.com/in/ada-k,,Acme,Analyst,03 Mar 2026\n", []string{"Ada King", `title:"Analyst"`, "#linkedin.com/in/ada-k", "as linkedin"}},
	{gh + "kanzucodefoundation/project-zoe-server/pull/269", "", "First Name,Last Name,E-Mail Address,Mobile No.,Company\nAda,King,ada@acme.example,+447911123456,Acme\n", []string{"work_email=ada@acme.example", "mobile_phone=+447911123456"}},
	{gh + "cluster-software/agent-crm/pull/88", "", "name,company,work_phone_1,work_phone_2,mobile_number\nAda King,Acme,+12024567001,+12024567002,+12024567003\n", []string{"work_phone=+12024567001 work_phone=+12024567002", "mobile_phone=+12024567003"}},
	{gh + "owncloud-archive/contacts/issues/827", "", "Name,Given Name,Family Name,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value,Organization 1 - Name\nИмя Фамилия,Имя,Фамилия,Mobile,+7 912 345-67-89,Work Fax,+7 495 123-45-67,Акме\n", []string{"Имя Фамилия mobile_phone=+79123456789 ", "!495123"}},
	{gh + "resend/resend-cli/pull/332", "", "Email,First Name,Last Name\nada@acme.example,Ada,King\n", []string{"Ada King work_email=ada@acme.example"}},
	// vCards
	{gh + "sabre-io/vobject/pull/215", "text/vcard", card("FN;ENCODING=QUOTED-PRINTABLE:Test=DF=E4=F6=FC=C4=D6", "ORG:Acme"), []string{"01 TestßäöüÄÖ "}},
	{gh + "ubports/ubuntu-touch/issues/868", "text/vcard", "begin:vcard\nfn;quoted-printable:Anna D=C3=BCmmy\norg:Acme\nemail;internet:duemmy@acme.example\nversion:2.1\nend:vcard\n", []string{"01 Anna Dümmy work_email=duemmy@acme.example"}},
	{gh + "Dolibarr/dolibarr/issues/31958", "text/vcard", card("FN:Ada King", "ORG:Acme", "TITLE;ENCODING=QUOTED-PRINTABLE:=E8=94=A1=E5=AA=9BR=C3=A9f"), []string{`title:"蔡媛Réf"`}},
	{gh + "Rillke/Contact-Conversion-Wizard/issues/21", "text/vcard", card("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=54=65=73=74=20=C3=B6=C3=A4=C3=\n=BC", "ORG:Acme"), []string{"01 Test öäü"}},
	{gh + "nextcloud/contacts/issues/1028", "text/vcard", card("FN:Ada King", "ORG:Acme", "9JN9AI.TEL;TYPE=pref:+49 30 5566771", "9JN9AI.X-ABLABEL:Work Fax", "B.X-ABLabel:_$!<Mobile>!$_", "b.TEL:+1 202 456 7001"), []string{"mobile_phone=+12024567001", "!5566771"}},
	{gh + "pinoaffe/org-vcard/issues/6", "text/vcard", card("N;CHARSET=UTF-8:Пупкин;Василий", "ORG:Acme", "TEL;WORK:+74951234569", "TEL;FAX:+74951234560", "TEL;CELL:+79121234567"), []string{"01 Василий Пупкин", "work_phone=+74951234569", "mobile_phone=+79121234567", "!234560"}},
	// Names
	{gh + "derek73/python-nameparser/issues/22", "", named("Barbara \"Bobbie\" Loy (née Cox)"), []string{"#barbara loy|acme", "#bobbie loy|acme", "#barbara cox|acme"}},
	{gh + "derek73/python-nameparser/pull/189", "", named("Andrew Perkins (MBA)"), []string{"#andrew perkins|acme", "!#mba"}},
	{gh + "ralyodio/humanparser/issues/36", "", named("George Herman “Babe” Ruth"), []string{"#george herman ruth|acme", "#babe ruth|acme"}},
	{gh + "derek73/python-nameparser/issues/35", "", named("Maheen Farooqi, ACA"), []string{"#maheen farooqi|acme", `first:"Maheen" last:"Farooqi"`}},
	{gh + "derek73/python-nameparser/issues/41", "", named("Dr. med. univ. Margit Popp, MSc"), []string{"#margit popp|acme", `first:"Margit" last:"Popp"`}},
	{gh + "joshfraser/PHP-Name-Parser/issues/16", "", named("Ing. Jan Novák Csc."), []string{"#jan novak|acme"}},
	{gh + "RateGravity/parse-full-name/issues/19", "", named("Kevin Mitnik CISSP, CISM"), []string{"#kevin mitnik|acme"}},
	{gh + "RateGravity/parse-full-name/issues/19#2", "", named("Orin Scrivello - DDS"), []string{"#orin scrivello|acme"}},
	{gh + "derek73/python-nameparser/issues/18", "", named("Univ.-Prof. Dr.-Ing. Hans Müller"), []string{"#hans muller|acme", "#hans mueller|acme"}},
	{gh + "psolin/cleanco/issues/43", "", employer("Akme Sp. z o.o."), []string{"#ada king|akme"}},
	{gh + "psolin/cleanco/issues/23", "", employer("Akme spol. s r.o."), []string{"#ada king|akme"}},
	{gh + "psolin/cleanco/issues/41", "", employer("Example Pty Limited"), []string{"#ada king|example"}},
	{gh + "psolin/cleanco/issues/76", "", employer("Acero S.A. de C.V."), []string{"#ada king|acero"}},
	{gh + "psolin/cleanco/pull/88", "", employer("Akme Ltd (Germany)"), []string{"#ada king|akme"}},
	{gh + "psolin/cleanco/issues/82", "", employer("Akme K.K."), []string{"#ada king|akme"}},
	// Text
	{gh + "PyYoshi/cChardet/issues/101", "bytes", encode(charmap.Windows1250.NewEncoder().String, "full_name;company\nŚwiętosława Gałązka;Akme\nŻaneta Śliwa;Akme\n"), []string{"Świętosława Gałązka", "Żaneta Śliwa", "Windows-1250"}},
	{gh + "CharsetDetector/UTF-unknown/issues/141", "bytes", encode(charmap.Windows1250.NewEncoder().String, "full_name;company\nJiří Dvořák;Žižkov s.r.o.\nŠtěpán Růžička;Akme\n"), []string{"Jiří Dvořák", "Štěpán Růžička", "Žižkov", "Windows-1250"}},
	{gh + "chardet/chardet/issues/24", "bytes", encode(charmap.Windows1252.NewEncoder().String, "full_name,company\nJosé Conceição,Elétricas de Rondônia\nJoão Simões,Política\n"), []string{"José Conceição", "João Simões", "Windows-1252"}},
	{gh + "jawah/charset_normalizer/issues/624", "bytes", encode(charmap.Windows1252.NewEncoder().String, "full_name;company;Sitzplätze\nJens Kinosäle;Akme;7\n"), []string{"Jens Kinosäle", "Windows-1252"}},
	{gh + "chardet/chardet/issues/132", "bytes", encode(charmap.Windows1251.NewEncoder().String, "full_name;company\nИван Петров;Заказ\nЭдуард Жуков;Ромашка\n"), []string{"Иван Петров", "Эдуард Жуков", "Windows-1251"}},
	{gh + "chardet/chardet/issues/93", "bytes", encode(simplifiedchinese.GBK.NewEncoder().String, "姓名,公司\n陈大文,操作系统有限公司\n王小明,北京科技\n"), []string{"陈大文", "王小明", "GBK"}},
	{gh + "chardet/chardet/issues/185", "", "full_name,company\nAda King,Carter’s Janitorial\n", []string{"Carter’s Janitorial", "UTF-8"}},
	{gh + "faust-streaming/cChardet/issues/33", "bytes", encode(charmap.Windows1252.NewEncoder().String, "full_name,company\nShaun O’Brien,Smith’s – Sons\n"), []string{"Shaun O’Brien", "Windows-1252"}},
	{gh + "CharsetDetector/UTF-unknown/issues/141#sjis", "bytes", encode(japanese.ShiftJIS.NewEncoder().String, "氏名,会社名\n田中 太郎,株式会社サンプル\nスズキ ハナコ,テスト\n"), []string{"田中 太郎", "Shift_JIS", "#田中太郎|サンプル"}},
	{gh + "nextcloud/server/issues/14830", "text/vcard", encode(charmap.Windows1252.NewEncoder().String, card("FN:Übung Äöü", "ORG:Öheim")), []string{"01 Übung Äöü", "Windows-1252"}},
}

func encode(by func(string) (string, error), text string) string {
	s, err := by(text)
	if err != nil {
		panic(err)
	}
	return s
}

// Cases that others reported of their readers are read right by this one.
func TestFound(t *testing.T) {
	for _, c := range cases {
		kind := c.kind
		if kind == "" || kind == "bytes" {
			kind = "text/csv"
		}
		got := account(c.file, kind)
		for _, want := range c.want {
			if not, found := strings.CutPrefix(want, "!"); strings.Contains(got, strings.TrimPrefix(want, "!")) == found {
				t.Errorf("%s: %q %v\n%s\n%s", c.source, not, !found, c.file, got)
			}
		}
	}
	if len(cases) < 60 {
		t.Errorf("%d cases", len(cases))
	}
}

// A charset is obeyed, or refused once for the file.
func TestDeclaredCharsets(t *testing.T) {
	const table = "full_name,company\n%,Acme\n"
	for charset, c := range map[string]struct {
		by   func(string) (string, error)
		name string
	}{
		"windows-1250": {charmap.Windows1250.NewEncoder().String, "Łucja Żak"}, "iso-8859-2": {charmap.ISO8859_2.NewEncoder().String, "Łucja Żak"}, "koi8-r": {charmap.KOI8R.NewEncoder().String, "Иван Юрьев"},
		"windows-1251": {charmap.Windows1251.NewEncoder().String, "Иван Юрьев"}, "latin1": {charmap.Windows1252.NewEncoder().String, "Zoë Åß"}, "shift_jis": {japanese.ShiftJIS.NewEncoder().String, "田中 太郎"},
		"euc-jp": {japanese.EUCJP.NewEncoder().String, "田中 太郎"}, "gb18030": {simplifiedchinese.GB18030.NewEncoder().String, "陈 大文"}, "windows-1253": {charmap.Windows1253.NewEncoder().String, "Άννα Παππά"},
	} {
		got := account(encode(c.by, strings.ReplaceAll(table, "%", c.name)), "text/csv; charset="+charset)
		if !strings.Contains(got, "01 "+c.name+" ") {
			t.Errorf("%s: %s", charset, got)
		}
	}
	for _, kind := range []string{"text/csv", "text/vcard", "application/x-ndjson"} {
		if got := account("{\"id\":\"1\"}\n", kind+"; charset=klingon"); !strings.HasPrefix(got, `  refused: the charset "klingon" is not known`) {
			t.Errorf("%s: %s", kind, got)
		}
	}
	hebrew := encode(charmap.Windows1255.NewEncoder().String, "full_name,company\nדוד לוי,חברה לדוגמה\nשרה כהן,תל אביב\n")
	if got := account(hebrew, "text/csv"); !strings.Contains(got, "refused: the file is not UTF-8, and its encoding cannot be told") {
		t.Errorf("%s", got)
	}
}

// card is a vCard of the lines.
func card(lines ...string) string { return cards(strings.Join(lines, "\n")) }
