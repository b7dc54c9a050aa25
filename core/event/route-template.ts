import { segmentShape } from './id-segment.ts'
import { lastParameter, type RouteTable } from './route-table.ts'

/** A path seen as a route: its template, and the object that its last id names. */
export interface RouteMatch {
  /** Template such as `/orders/{id}`; at most `routeLengthMax` characters. */
  readonly route: string
  /** Source text of the last templated segment, percent-decoded once. */
  readonly id?: string | undefined
  /** The nearest fixed segment before the id, version segments left out: `orders`. */
  readonly type?: string | undefined
}

/** Longest template built; what lies beyond is shown as `{rest}`. */
export const routeLengthMax = 512
/** Most segments looked at; what lies beyond is shown as `{rest}`. */
export const routeSegmentsMax = 32

const version = /^v\d+(?:\.\d+)*$/i
/** Characters that a fixed segment shows decoded; with any other it keeps its source text. */
const plain = /^[\w.~!$&'()*+,;=:@-]*$/

/**
 * Templates a path without its query. A pure function of the path and the table: templates are tried first, then
 * fixed segment shapes (`segmentShape`). Empty segments fall away, dot segments stay as text, and percent-encoding is
 * undone once, so that `/orders/%31` and `//orders/1/` are the `/orders/{id}` that the upstream sees.
 */
export function routeTemplate(path: string, table?: RouteTable): RouteMatch {
  const merged = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
  const raw = merged.split('/', routeSegmentsMax + 3).filter((segment) => segment !== '')
  const cut = raw.length > routeSegmentsMax
  if (cut) raw.length = routeSegmentsMax
  const segments = raw.map(decodeOnce)
  const template = cut ? undefined : table?.match(segments)
  if (template) {
    const parameter = lastParameter(template, segments)
    if (!parameter) return { route: template.route }
    const isFixed = (index: number) => template.segments[index]?.kind === 'literal'
    return { route: template.route, id: parameter.id, type: typeBefore(segments, parameter.index, isFixed) }
  }
  return byShape(raw, segments, cut)
}

function byShape(raw: readonly string[], segments: readonly string[], cut: boolean): RouteMatch {
  let route = ''
  let id: string | undefined
  let idIndex = -1
  const templated: boolean[] = []
  for (const [index, segment] of segments.entries()) {
    const shape = segmentShape(segment)
    templated.push(shape.kind !== 'fixed')
    const shown = plain.test(segment) ? segment : (raw[index] ?? '')
    const text = shape.kind === 'id' ? `{id}${shape.suffix}` : shape.kind === 'credential' ? '{token}' : shown
    if (shape.kind === 'id') {
      id = shape.id
      idIndex = index
    }
    if (route.length + text.length + 8 > routeLengthMax) {
      route += '/{rest}'
      break
    }
    route += `/${text}`
    if (cut && index === segments.length - 1) route += '/{rest}'
  }
  if (id === undefined) return { route: route === '' ? '/' : route }
  return { route, id, type: typeBefore(segments, idIndex, (index) => templated[index] === false) }
}

function typeBefore(
  segments: readonly string[],
  idIndex: number,
  isFixed: (index: number) => boolean,
): string | undefined {
  for (let index = idIndex - 1; index >= 0; index--) {
    const segment = segments[index] ?? ''
    if (isFixed(index) && !version.test(segment)) return segment
  }
  return undefined
}

/** Undoes percent-encoding once; text that is not valid UTF-8 after it, or malformed, stays as it is. */
function decodeOnce(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
