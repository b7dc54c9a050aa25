import type { LineFields } from './line-fields.ts'

/** Takes the path of a request whose query is told apart from it. */
export function takeTarget(path: unknown, query: unknown, fields: LineFields, rank = 0): void {
  if (typeof path !== 'string' || path === '') return
  const isQuery = typeof query === 'string' && query !== ''
  fields.take('path', isQuery ? `${path}?${query.replace(/^\?/, '')}` : path, rank)
}
