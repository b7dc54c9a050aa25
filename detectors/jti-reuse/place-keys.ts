import type { Config } from './config.ts'
import { isInfrastructure } from './infrastructure.ts'
import { addressOf, agentFamily, placeKey, tlsTrait } from './place.ts'

/** Places remembered; then all are forgotten, which costs less than choosing. */
const placesMax = 50_000
/** Longer texts are not remembered: an attacker chooses how much memory they take. */
const textLengthMax = 256

type ByFingerprint = Map<string, string>
type ByAgent = Map<string, ByFingerprint>

/** The keys of places by what an event says: clients come again and again, and making a key costs more than all else. */
class PlaceKeys {
  readonly #config: Config
  readonly #known = new Map<string, ByAgent>()
  #size = 0

  constructor(config: Config) {
    this.#config = config
  }

  keyOf(ip: string, agent: string, ja4: string): string {
    const known = this.#known.get(ip)?.get(agent)?.get(ja4)
    if (known !== undefined) return known
    const made = this.#made(ip, agent, ja4)
    if (ip.length <= textLengthMax && agent.length <= textLengthMax && ja4.length <= textLengthMax) {
      this.#remember(ip, agent, ja4, made)
    }
    return made
  }

  #made(ip: string, agent: string, ja4: string): string {
    const address = addressOf(ip)
    if (address === '' || isInfrastructure(address, agent, this.#config)) return ''
    return placeKey({ address, agent: agentFamily(agent), tls: tlsTrait(ja4) })
  }

  #remember(ip: string, agent: string, ja4: string, made: string): void {
    if (this.#size++ >= placesMax) {
      this.#known.clear()
      this.#size = 1
    }
    const byAgent = this.#known.get(ip) ?? new Map<string, ByFingerprint>()
    this.#known.set(ip, byAgent)
    const byFingerprint = byAgent.get(agent) ?? new Map<string, string>()
    byAgent.set(agent, byFingerprint)
    byFingerprint.set(ja4, made)
  }
}

const keysOf = new WeakMap<Config, PlaceKeys>()

/** The key of the place that an address, a user agent and a fingerprint tell; empty for infrastructure and the unknown. */
export function knownPlaceKey(config: Config, ip: string, agent: string, ja4: string): string {
  let keys = keysOf.get(config)
  if (!keys) {
    keys = new PlaceKeys(config)
    keysOf.set(config, keys)
  }
  return keys.keyOf(ip, agent, ja4)
}
