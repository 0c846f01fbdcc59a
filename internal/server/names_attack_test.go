package server_test

import (
	"fmt"
	"testing"
)

const namesHead = "id,full_name,company,work_email,mobile_phones,linkedin_url\n"

func sourced(id string) is { return is{"source_id": id} }

// strangers are two people in two files of two sources who share one key, and stay two.
func strangers(a, b, mail, profile string) fieldCase {
	row := func(id, name, end string) string {
		return namesHead + fmt.Sprintf("%s,%s,Vco,%s,+49151124401%s,%s\n@%s", id, name, mail, end, profile, "src"+id)
	}
	return fieldCase{name: a + " and " + b, files: []string{row("1", a, "01"), row("2", b, "02")}, asked: []ask{
		{sourced("src1:1"), a + " " + withMail(mail) + "+4915112440101"}, {sourced("src2:2"), b + " " + withMail(mail) + "+4915112440102"}}}
}

func withMail(mail string) string {
	if mail == "" {
		return ""
	}
	return mail + " "
}

const (
	unlistedDesk  = "schalter1@v.example"
	sharedProfile = "https://www.linkedin.com/in/shared-v408"
)

// Strangers who share a desk that no list has, or a mistaken profile, and one word: in the
// middle of their names, one that folds to a particle, or none that compares.
func TestStrangersStayApart(t *testing.T) {
	runFields(t, []fieldCase{
		strangers("Juan Carlos Perez", "Luis Carlos Gomez", unlistedDesk, ""), strangers("Juan Carlos Perez", "Luis Carlos Gomez", "", sharedProfile),
		strangers("Ana Paula Silva", "Maria Paula Souza", unlistedDesk, ""), strangers("Kim Min Su", "Park Min Ho", unlistedDesk, ""),
		strangers("Carlos Perez Lopez", "Luis Perez Gomez", "", sharedProfile), strangers("Juan Carlos Perez", "Luis Carlos Perez", unlistedDesk, ""),
		strangers("Anna Lee", "Anna Dell", unlistedDesk, ""), strangers("Lee Van", "Nina Kowalski", unlistedDesk, ""), strangers("Van Le", "Nina Kowalski", "", sharedProfile),
		strangers("Ludwig Ten", "Ludwig Zu", unlistedDesk, ""), strangers("Van Nguyen", "Linh Nguyen", unlistedDesk, ""), strangers("Ken Lee", "Anna Dell", "", sharedProfile),
		strangers("李雷", "Nina Kowalski", unlistedDesk, ""), strangers("محمد علي", "Nina Kowalski", unlistedDesk, ""), strangers("김민수", "李雷", unlistedDesk, ""),
		{name: "a profile joins across scripts", files: []string{
			namesHead + "1,李雷,Vco," + unlistedDesk + ",+4915112440101," + sharedProfile + "\n@src1",
			namesHead + "2,Li Lei,Vco," + unlistedDesk + ",+4915112440102," + sharedProfile + "\n@src2"},
			asked: []ask{{sourced("src1:1"), "Li Lei " + unlistedDesk + " +4915112440102 +4915112440101"}}},
	})
}
