import { memoise } from '../../core/entity/memoise.ts'

/** The object that a request names: its route, and its id behind those of the objects that hold it (`17/1`). */
export interface TouchedObject {
  readonly route: string
  readonly id: string
}

interface Request {
  readonly route?: string | undefined
  readonly path?: string | undefined
  readonly 'object.type'?: string | undefined
  readonly 'object.id'?: string | undefined
}

/** A last segment such as `user123`, which no shape of a path segment takes for an id. */
const glued = /^([A-Za-z]{2,32})\d{2,15}$/

/** `undefined` when the request names no object. `ordinals` are words that count pages or parts. */
export function touchedObject(event: Request, ordinals: readonly string[]): TouchedObject | undefined {
  const id = event['object.id']
  const { route, path } = event
  if (id !== undefined) {
    const parents =
      route === undefined || path === undefined || !isNested(route) ? '' : parentIds(route, path)
    return { route: route ?? event['object.type'] ?? '', id: parents === '' ? id : `${parents}${id}` }
  }
  if (path === undefined || !endsInDigit(path)) return undefined
  const cut = path.lastIndexOf('/') + 1
  const last = path.slice(cut)
  const word = glued.exec(last)?.[1]?.toLowerCase()
  if (word === undefined || ordinals.includes(word)) return undefined
  return { route: `${path.slice(0, cut)}{id}`, id: last }
}

function endsInDigit(text: string): boolean {
  const code = text.charCodeAt(text.length - 1)
  return code >= 48 && code <= 57
}

/** Whether a template has more than one place. */
const isNested = memoise((route) => route.indexOf('{') !== route.lastIndexOf('{'))

/** What the path holds in all places of the template but the last, each with a slash behind it. */
function parentIds(route: string, path: string): string {
  const places = route.split('/')
  const segments = path.split('/')
  if (places.length !== segments.length) return ''
  const ids = segments.filter((_segment, index) => places[index]?.includes('{'))
  return ids.slice(0, -1).reduce((text, id) => `${text}${id}/`, '')
}
