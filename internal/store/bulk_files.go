package store

// BulkFile is a file, or what was pasted, that waits to be estimated. Settings is JSON that
// package bulk reads and writes.
type BulkFile struct {
	Workspace, ID, Member string
	Name, ContentType     string
	Settings              string
	Parts                 int64 // pieces; 0: it has not arrived completely
	CreatedAt             int64
}

const bulkFileColumns = `workspace_id, file_id, member_id, name, content_type, settings, parts, created_at`

func scanBulkFile(scan scanner, f *BulkFile) error {
	return scan(&f.Workspace, &f.ID, &f.Member, &f.Name, &f.ContentType, &f.Settings, &f.Parts, &f.CreatedAt)
}

// PutFile writes a file without its pieces.
func (t BulkJobs) PutFile(f BulkFile) error {
	_, err := t.q.exec(`INSERT INTO bulk_files (`+bulkFileColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (workspace_id, file_id) DO UPDATE SET settings = excluded.settings, parts = excluded.parts`,
		f.Workspace, f.ID, f.Member, f.Name, f.ContentType, f.Settings, f.Parts, f.CreatedAt)
	return err
}

// AddFilePart writes the n-th piece of a file.
func (t BulkJobs) AddFilePart(ws, id string, n int64, data []byte) error {
	_, err := t.q.exec(`INSERT INTO bulk_file_parts (workspace_id, file_id, n, data) VALUES ($1,$2,$3,$4)`, ws, id, n, data)
	return err
}

// File reads a file that has arrived; false: there is none.
func (t BulkJobs) File(ws, id string) (f BulkFile, found bool, err error) {
	err = t.q.query(`SELECT `+bulkFileColumns+` FROM bulk_files WHERE workspace_id = $1 AND file_id = $2 AND parts > 0`, func(scan scanner) error {
		found = true
		return scanBulkFile(scan, &f)
	}, ws, id)
	return f, found, err
}

// FileParts reads a file's pieces, in their order.
func (t BulkJobs) FileParts(ws, id string) (parts [][]byte, err error) {
	err = t.q.query(`SELECT data FROM bulk_file_parts WHERE workspace_id = $1 AND file_id = $2 ORDER BY n`, func(scan scanner) error {
		var data []byte
		err := scan(&data)
		parts = append(parts, data)
		return err
	}, ws, id)
	return parts, err
}

// FilesOf lists a member's files, newest first.
func (t BulkJobs) FilesOf(ws, member string) (list []BulkFile, err error) {
	return t.files(`workspace_id = $1 AND member_id = $2 ORDER BY created_at DESC, file_id DESC`, ws, member)
}

// FilesBefore lists a workspace's files of up to an instant.
func (t BulkJobs) FilesBefore(ws string, before int64) (list []BulkFile, err error) {
	return t.files(`workspace_id = $1 AND created_at <= $2 ORDER BY file_id LIMIT 1000`, ws, before)
}

func (t BulkJobs) files(where string, args ...any) (list []BulkFile, err error) {
	err = t.q.query(`SELECT `+bulkFileColumns+` FROM bulk_files WHERE `+where, func(scan scanner) error {
		var f BulkFile
		err := scanBulkFile(scan, &f)
		list = append(list, f)
		return err
	}, args...)
	return list, err
}

// DropFile drops a file.
func (t BulkJobs) DropFile(ws, id string) error {
	if _, err := t.q.exec(`DELETE FROM bulk_file_parts WHERE workspace_id = $1 AND file_id = $2`, ws, id); err != nil {
		return err
	}
	_, err := t.q.exec(`DELETE FROM bulk_files WHERE workspace_id = $1 AND file_id = $2`, ws, id)
	return err
}

// Unstarted lists the workspaces that have a file, or a job that waits to be confirmed.
func (t BulkJobs) Unstarted() (workspaces []string, err error) {
	err = t.q.query(`SELECT workspace_id FROM bulk_files UNION SELECT workspace_id FROM bulk_jobs WHERE status = 'waiting'`, func(scan scanner) error {
		var ws string
		err := scan(&ws)
		workspaces = append(workspaces, ws)
		return err
	})
	return workspaces, err
}
