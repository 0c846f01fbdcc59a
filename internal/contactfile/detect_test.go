package contactfile

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Names and places without a charset are read in the alphabet that they are written in, one
// row alone and all of them, or the file is refused; never in another one.
func TestUndeclaredAlphabets(t *testing.T) {
	for _, c := range []struct {
		name string
		as   encoding.Encoding
		rows []string
	}{
		{"Windows-1253", charmap.Windows1253, []string{"Γιώργος Παπαδόπουλος,Αθήνα", "Ελένη Νικολάου,Θεσσαλονίκη", "Άννα Παππά,Ελληνική Εταιρεία", "ΔΗΜΗΤΡΗΣ ΓΕΩΡΓΙΟΥ,ΠΑΤΡΑ", "Χρήστος Ψαράς,Ηράκλειο Κρήτης"}},
		{"ISO-8859-7", charmap.ISO8859_7, []string{"Άννα Παππά,Ελληνική Εταιρεία", "Άρης Κωνσταντίνου,Αθήνα"}},
		{"Windows-1254", charmap.Windows1254, []string{"Ayşe Yılmaz,İstanbul", "Gökhan Doğan,İzmir", "Barış Öztürk,Şişli", "Işıl Çağlar,Eskişehir", "Oğuz Kılıç,Diyarbakır", "Şule Şahin,Muğla"}},
		{"ISO-8859-2", charmap.ISO8859_2, []string{"Zbigniew Wąsik,Łódź", "Małgorzata Śliwińska,Gdańsk", "Tomáš Dvořák,Plzeň", "Šárka Nováková,Ústí nad Labem", "Łukasz Kościuszko,Kraków", "Žaneta Horváthová,Košice"}},
		{"Windows-1250", charmap.Windows1250, []string{"Zbigniew Wąsik,Łódź", "Małgorzata Śliwińska,Gdańsk", "Tomáš Dvořák,Plzeň", "Šárka Nováková,Ústí nad Labem", "Łukasz Kościuszko,Kraków", "Žaneta Kráľová,Košice", "Ştefan Ionescu,Constanţa"}},
		{"Windows-1251", charmap.Windows1251, []string{"Иван Юрьев,Москва", "Ольга Кузнецова,Санкт-Петербург", "Тарас Шевченко,Київ"}},
		{"Windows-1252", charmap.Windows1252, []string{"Jürgen Müller,Köln", "Guðmundur Jónsson,Reykjavík", "Þorsteinn Sigurðsson,Höfn", "José Nuñez,Málaga", "François Lefèvre,Besançon", "Søren Bjørn,Ærø", "João Conceição,São Paulo", "Ýmir Örn Gíslason,Ísafjörður"}},
	} {
		files := map[string][]string{"all": c.rows}
		for _, row := range c.rows {
			files[row] = []string{row}
		}
		for what, rows := range files {
			file := "full_name,company,location\n"
			for _, row := range rows {
				name, place, _ := strings.Cut(row, ",")
				file += name + "," + place + "," + place + "\n"
			}
			got := account(encode(c.as.NewEncoder().String, file), "text/csv")
			if strings.Contains(got, "refused: the file is not UTF-8, and its encoding cannot be told") {
				if what == "all" {
					t.Errorf("%s: %s", c.name, got)
				}
				continue
			}
			for _, row := range rows {
				name, place, _ := strings.Cut(row, ",")
				if !strings.Contains(got, name+" ") || !strings.Contains(got, `location:"`+place+`"`) {
					t.Errorf("%s: %q is read as %s", c.name, row, got)
				}
			}
		}
	}
}
