/** Whether two values of a field are the same; lists by their texts. */
export function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other))
}

/** Values of which one suits any field. */
export const probes: readonly unknown[] = [
  'x1',
  7,
  '/probe/7',
  '192.0.2.77',
  '2026-03-02T09:00:00Z',
  true,
  'success',
  'auth',
  'edge',
  'valid',
  ['x1'],
]
