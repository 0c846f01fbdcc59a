package contactfile

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Columns of verification, switchboards and private mobiles are understood as people head them.
func TestVerificationColumnsByName(t *testing.T) {
	for want, names := range map[column][]string{
		workEmailVerifiedAt: {"Geprüft am", "Verifiziert am", "Fecha de verificación", "Date de vérification", "Data di verifica", "Verificato il", "Vérifié le"},
		workEmailStatus:     {"Estado del correo", "Prüfergebnis", "Statut de l'e-mail", "Stato dell'e-mail", "Esito verifica"},
		companyPhone:        {"Zentrale", "Centralita", "Standard téléphonique", "Centralino"},
		mobilePhones:        {"Móvil (Particular)", "Portable personnel", "Cellulare personale"},
	} {
		for _, name := range names {
			if got := aliased(name); got != want {
				t.Errorf("%q is read as %v, not %v", name, got, want)
			}
		}
	}
}

// A column that is not read and looks like a status or a date of verification is told; a date
// that cannot be read says what may be written, and what follows.
func TestUnreadVerificationIsTold(t *testing.T) {
	reader, err := Read(strings.NewReader("full_name,work_email,work_email_status,work_email_verified_at,Ampel,Zuletzt gecheckt,Geburtstag\n"+
		"Ada King,ada@acme.example,verified,01/02/2026,valid,2026-03-01,2001-03-01\n"), csvType, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Person.ValuesOf(lead.WorkEmail); len(v) != 1 || v[0].Status != lead.Verified || !v[0].VerifiedAt.IsZero() {
		t.Errorf("the address is %v", v)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "01.03.2026; the address counts as verified at an unknown time, so it is charged") {
		t.Errorf("says %v", r.Problems)
	}
	if _, err := reader.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	text := ""
	for _, p := range reader.Summary() {
		text += p.String() + "\n"
	}
	for _, want := range []string{"Column Ampel is not read, and looks like the status of emails", "Column Zuletzt gecheckt is not read, and looks like when emails were verified"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	if strings.Contains(text, "Geburtstag") {
		t.Errorf("a birthday is told: %s", text)
	}
}
