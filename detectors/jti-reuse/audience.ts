import type { Config } from './config.ts'

/**
 * How a service stands to a token's audience. `hit`: named. `general`: the audience names no single service. `miss`:
 * not named. `alien`: not named, and the audience reads like the name of another service. `sure`: not named, by config.
 */
export type Standing = 'hit' | 'general' | 'miss' | 'alien' | 'sure'

const decoration = /^(svc-)?(.*?)((?:-(?:service|svc|api))*)$/

/** Judges one use. `undefined` where there is nothing to compare. */
export function standingOf(
  service: string | undefined,
  audience: readonly string[] | undefined,
  config: Config,
): Standing | undefined {
  if (service === undefined || service === '' || !audience || audience.length === 0) return undefined
  const accepted = Object.hasOwn(config.audiences, service) ? config.audiences[service] : undefined
  if (accepted) return audience.some((entry) => accepted.includes(entry)) ? 'hit' : 'sure'
  if (config.audience_mode === 'off') return undefined
  const own = plain(service)
  const named = audience.some(
    (entry) => entry === '*' || namesIn(entry).some((name) => plain(name).core === own.core),
  )
  if (named) return 'hit'
  if (config.audience_mode === 'strict') return 'sure'
  // A gateway that calls itself `api` or `edge` is no service that an audience would name.
  if (isGeneral(service, config)) return undefined
  if (audience.some((entry) => namesIn(entry).every((name) => isGeneral(name, config)))) return 'general'
  return audience.every((entry) => isServiceName(entry, own.style, config)) ? 'alien' : 'miss'
}

/** Names that an entry may mean: of a URL its first host label and path segments, of a URN or dotted name the ends. */
function namesIn(entry: string): string[] {
  const text = entry.toLowerCase().slice(0, 256)
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^?#]*)/.exec(text)
  if (url) {
    const host = (url[1] ?? '').split(/[.:]/)[0] ?? ''
    return [host, ...(url[2] ?? '').split('/').filter((part) => part !== '' && !/^v\d+$/.test(part))]
  }
  const ends = text.split(':')
  return [...new Set([text, ends[ends.length - 1] ?? '', text.split('.')[0] ?? ''])]
}

/** A name without what people add to say that it is a service, and that addition. */
function plain(name: string): { readonly core: string; readonly style: string } {
  const [, before = '', core = '', after = ''] = decoration.exec(name.toLowerCase().split('.')[0] ?? '') ?? []
  return { core: core.replaceAll('_', '-'), style: `${before}${after}` }
}

function isGeneral(name: string, config: Config): boolean {
  return name
    .toLowerCase()
    .replace(/(?<=.)-(service|svc|api)$/, '')
    .split(/[-_.]/)
    .some((word) => word !== '' && config.general_audiences.includes(word))
}

/** Reads like this house's service names: one plain word or more, no scheme, no dot, no random id, the same addition. */
function isServiceName(entry: string, style: string, config: Config): boolean {
  const text = entry.toLowerCase()
  if (!/^[a-z]{3,20}([-_][a-z]{2,20}){0,3}$/.test(text) || isGeneral(text, config)) return false
  return plain(text).style === style
}
