import { segmentShape } from '../../core/event/id-segment.ts'
import { pathLengthMax } from './limits.ts'
import { cutText, ownText } from './own-text.ts'

/** A request target taken apart: RFC 9112 section 3.2 (origin, absolute, authority and asterisk form). */
export interface RequestTarget {
  readonly path: string | undefined
  /** Host of an absolute or authority form. */
  readonly host: string | undefined
  readonly query: string | undefined
}

const absolute = /^[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/([^/?#]{0,300})/
/** Parameters of a path segment such as `;jsessionid=…`: a session id there is a credential. */
const pathParameters = /;[^/;=]*=[^/;]*/g

/** Splits a target; the path keeps its source text, without query, fragment and segment parameters. */
export function requestTarget(target: string, method?: string): RequestTarget {
  if (method === 'CONNECT') return { path: undefined, host: ownText(target), query: undefined }
  if (target.startsWith('/') && !/[?#;]/.test(target) && target.length <= pathLengthMax) {
    return { path: target, host: undefined, query: undefined }
  }
  const authority = absolute.exec(target)
  const rest = authority ? target.slice(authority[0].length) : target
  const end = rest.search(/[?#]/)
  const bare = end < 0 ? rest : rest.slice(0, end)
  const clean = bare.includes(';') ? bare.replace(pathParameters, '') : bare
  const path = ownText(cutText(clean === '' && (authority || end >= 0) ? '/' : clean, pathLengthMax))
  const query = end >= 0 && rest[end] === '?' ? rest.slice(end + 1).split('#', 1)[0] : undefined
  const host = authority?.[1]?.replace(/^.*@/, '')
  return { path: path || undefined, host: host ? ownText(host) : undefined, query: query || undefined }
}

/** Most parameters of a query looked at. */
const parametersMax = 64

/** The parameters of a query, decoded once, in its order. */
export function* queryParameters(query: string): Generator<readonly [name: string, value: string]> {
  for (const pair of query.split(/[&;]/, parametersMax)) {
    const equals = pair.indexOf('=')
    if (equals > 0) yield [decodeText(pair.slice(0, equals)), decodeText(pair.slice(equals + 1))]
  }
}

const idName = /^(?:id|[A-Za-z0-9]{1,40}(?:_id|-id|Id))$/
/** Words that name an object only when their value has a digit: `?order=desc` and `?user=me` name none. */
const idWord =
  /^(?:uid|oid|pid|cid|no|nr|num|number|ref|order|invoice|account|user|customer|item|doc|document|file)$/i
/** Ids of the caller or the call, not of an object; some of them are credentials. */
const otherIds =
  /^(?:php|j|asp)?(?:sess|session|client|app|request|trace|span|correlation|device|visitor|token|key|csrf|state)[-_]?id$/i
const plainId = /^[\w.:@-]{1,128}$/

/**
 * The object that a query names by `id`, else by its first parameter called `*_id`, `*-id` or `*Id`, else by its first
 * common word for an object, such as `uid` or `order`, whose value has a digit.
 */
export function queryObjectId(query: string): { readonly name: string; readonly id: string } | undefined {
  let found: { readonly name: string; readonly id: string } | undefined
  let word: typeof found
  for (const [name, value] of queryParameters(query)) {
    const isWord = idWord.test(name) && /\d/.test(value)
    if ((!isWord && !idName.test(name)) || otherIds.test(name) || !plainId.test(value)) continue
    if (segmentShape(value).kind === 'credential') continue
    if (name === 'id') return { name, id: ownText(value) }
    const named = { name: ownText(name), id: ownText(value) }
    if (isWord) word ??= named
    else found ??= named
  }
  return found ?? word
}

function decodeText(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
