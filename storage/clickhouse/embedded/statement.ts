/** A statement as it came over HTTP, sorted into what chDB needs to be told apart. */
export type Statement =
  | {
      readonly kind: 'insert'
      readonly table: string
      readonly columns?: readonly string[]
      readonly format: string
      readonly values: Uint8Array
      readonly settings: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'read' | 'write'
      readonly sql: string
      /** Output format unless the statement names one. */
      readonly format: string
      readonly parameters: Readonly<Record<string, string | null>>
      readonly settings: Readonly<Record<string, string>>
    }

/** Query parameters of the HTTP interface that are no settings of the engine. */
const interfaceParameters = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'quota_key',
  'compress',
  'decompress',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'wait_end_of_query',
  'buffer_size',
  'cancel_http_readonly_queries_on_client_close',
])

const insertPattern =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`"]+)\s*(?:\(([^()]*)\))?\s*FORMAT\s+(\w+)\s*;?\s*$/i
const readPattern =
  /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*\(?\s*(SELECT|WITH|SHOW|DESC|DESCRIBE|EXISTS|EXPLAIN)\b/i
/** Statements that take a `SETTINGS` clause at their end. */
const settingsPattern = /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*)*\(?\s*(SELECT|WITH)\b/i

/**
 * Reads one request: the statement is in the parameter `query`, in the body, or begins in the first and goes on in the
 * second (ClickHouse HTTP interface, "the server joins them").
 *
 * @throws Error for a request that cannot be served
 */
export function readStatement(search: URLSearchParams, body: Buffer): Statement {
  const settings: Record<string, string> = {}
  const sent: Record<string, string> = {}
  for (const [name, value] of search) {
    if (/^param_\w+$/.test(name)) sent[name.slice('param_'.length)] = value
    else if (/^\w+$/.test(name) && !interfaceParameters.has(name)) settings[name] = value
  }
  const query = search.get('query') ?? ''
  const insert = insertPattern.exec(query)
  if (insert) {
    const [, table = '', columns, format = ''] = insert
    return {
      kind: 'insert',
      table: unquote(table),
      ...(columns === undefined ? {} : { columns: columns.split(',').map((name) => unquote(name.trim())) }),
      format,
      values: body,
      settings,
    }
  }
  const sql = query + (query && body.length ? '\n' : '') + body.toString('utf8')
  if (sql.trim() === '') throw new Error('Code: 62. DB::Exception: Empty query. (SYNTAX_ERROR)')
  const format = search.get('default_format') ?? 'TabSeparated'
  const parameters = boundParameters(sql, sent)
  return { kind: readPattern.test(sql) ? 'read' : 'write', sql, format, parameters, settings }
}

/** Formats whose rows may stand in the statement itself: no row of them holds an empty line. */
export function isText({ format }: { readonly format: string }): boolean {
  return /^(JSON\w*EachRow|TSV|TabSeparated|CSV)\w*$/.test(format)
}

/** The statement that inserts what is in a file instead, with the columns named, so that their order is the file's own. */
export function insertFromFile(insert: Extract<Statement, { kind: 'insert' }>, path: string): string {
  const { table, columns, format, settings } = insert
  const pairs = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`)
  const clause = pairs.length > 0 ? ` SETTINGS ${pairs.join(', ')}` : ''
  // Some columns have the names of keywords.
  const names = columns?.map((name) => `\`${name}\``).join(', ')
  const into = names === undefined ? table : `${table} (${names})`
  return `INSERT INTO ${into}${clause} SELECT ${names ?? '*'} FROM file('${quoted(path)}', '${format}')`
}

/** Settings bound to the statement: as `SET` they would stay with the session and leak into the next request. */
export function withSettings({ sql, settings }: Extract<Statement, { sql: string }>): string {
  const pairs = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`)
  if (pairs.length === 0 || !settingsPattern.test(sql)) return sql
  return `${sql.replace(/[\s;]+$/, '')}\nSETTINGS ${pairs.join(', ')}`
}

function literal(value: string): string {
  return /^-?\d+(\.\d+)?$/.test(value) ? value : `'${quoted(value)}'`
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}

function unquote(identifier: string): string {
  return identifier.replace(/[`"]/g, '')
}

const escapes: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  b: '\b',
  f: '\f',
  0: '\0',
}

/**
 * Parameters travel in the TabSeparated escapes, and chDB's binding escapes them again. In an array, map or tuple the
 * quotes of its texts are escaped too; doubled quotes mean the same there and pass the binding unchanged.
 */
function boundParameters(sql: string, sent: Readonly<Record<string, string>>): Record<string, string | null> {
  const bound: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(sent)) {
    const composite = new RegExp(`\\{\\s*${name}\\s*:\\s*(Array|Map|Tuple)\\b`).test(sql)
    const quote = composite ? "''" : "'"
    const unescaped = value.replace(/\\([\s\S])/g, (_all, escaped: string) =>
      escaped === "'" ? quote : (escapes[escaped] ?? escaped),
    )
    bound[name] = value === '\\N' ? null : unescaped
  }
  return bound
}
