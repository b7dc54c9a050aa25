import { InvalidArgumentError } from 'commander'

/** What a process of a cluster can do. */
export const roles = ['ingest', 'detect', 'respond', 'serve', 'copy'] as const
export type Role = (typeof roles)[number]

/** Reads `--roles`. Throws `InvalidArgumentError` for what is no role. */
export function parseRoles(text: string): readonly Role[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))]
  const unknown = names.filter((name) => !roles.includes(name as Role))
  if (unknown.length === 0) return names as Role[]
  throw new InvalidArgumentError(`There is no role '${unknown[0]}'; roles are ${roles.join(', ')}.`)
}
