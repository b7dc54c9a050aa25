import ipaddr from 'ipaddr.js'
import { recordOf } from './usable-config.ts'
import type { LocatedYaml } from './yaml/located-yaml.ts'
import type { Problem } from './yaml/problem.ts'

/** An address of the receiver of pages that every page would be refused for, as far as its text tells. */
export function pageProblems(page: unknown, yaml: LocatedYaml): readonly Problem[] {
  const { url, allow_private: allowsPrivate = false } = recordOf(page)
  if (typeof url !== 'string' || !URL.canParse(url) || allowsPrivate !== false) return []
  const why = refusal(new URL(url))
  if (why === undefined) return []
  const hint =
    'if the receiver stands in your own network, set `allow_private: true`; else write its https:// address'
  return [yaml.problem(yaml.rangeOf(['actions', 'page', 'url']), `every page would be refused: ${why}`, hint)]
}

/** As the receiver's client refuses it, which looks names up too. */
function refusal({ protocol, host, hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, '')
  const isInside = ipaddr.isValid(address)
    ? ipaddr.process(address).range() !== 'unicast'
    : /^(.+\.)?localhost\.?$/.test(address)
  if (isInside) return `${host.slice(0, 64)} is not a public address`
  return protocol === 'http:' ? `${host.slice(0, 64)} must be called with https:` : undefined
}
