package store

// FindAmongNewest lets Postgres try so many of the newest people first, whatever it expects, until
// the function is called that comes back.
func FindAmongNewest(rows int) (undo func()) {
	many, newest := manyPeople, newestRows
	manyPeople, newestRows = 0, rows
	return func() { manyPeople, newestRows = many, newest }
}
