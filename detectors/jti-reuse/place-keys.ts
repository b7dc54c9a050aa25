import type { Config } from './config.ts'
import { isInfrastructure } from './infrastructure.ts'
import { addressOf, agentFamily, placeKey, tlsTrait } from './place.ts'

/** Places remembered; then all are forgotten, which costs less than choosing. */
const placesMax = 50_000
/** Longer texts are not remembered: an attacker chooses how much memory they take. */
const textLengthMax = 256

/** What an event tells of where a token is used; texts are empty for infrastructure and the unknown. */
export interface KnownPlace {
  readonly key: string
  /**
   * All that judging could tell from another use, country apart: of software with a fingerprint not the address, because
   * one software in many networks is nobody's theft.
   */
  readonly trait: string
}

const nowhere: KnownPlace = { key: '', trait: '' }

type ByFingerprint = Map<string, KnownPlace>
type ByAgent = Map<string, ByFingerprint>

/** The places by what an event says: clients come again and again, and making a key costs more than all else. */
class PlaceKeys {
  readonly #config: Config
  readonly #known = new Map<string, ByAgent>()
  #size = 0

  constructor(config: Config) {
    this.#config = config
  }

  placeOf(ip: string, agent: string, ja4: string): KnownPlace {
    const known = this.#known.get(ip)?.get(agent)?.get(ja4)
    if (known !== undefined) return known
    const made = this.#made(ip, agent, ja4)
    if (ip.length <= textLengthMax && agent.length <= textLengthMax && ja4.length <= textLengthMax) {
      this.#remember(ip, agent, ja4, made)
    }
    return made
  }

  #made(ip: string, agent: string, ja4: string): KnownPlace {
    const address = addressOf(ip)
    if (address === '' || isInfrastructure(address, agent, this.#config)) return nowhere
    const place = { address, agent: agentFamily(agent), tls: tlsTrait(ja4) }
    const key = placeKey(place)
    return { key, trait: place.tls === '' ? key : placeKey({ ...place, address: '' }) }
  }

  #remember(ip: string, agent: string, ja4: string, made: KnownPlace): void {
    if (this.#size++ >= placesMax) {
      this.#known.clear()
      this.#size = 1
    }
    const byAgent = this.#known.get(ip) ?? new Map<string, ByFingerprint>()
    this.#known.set(ip, byAgent)
    const byFingerprint = byAgent.get(agent) ?? new Map<string, KnownPlace>()
    byAgent.set(agent, byFingerprint)
    byFingerprint.set(ja4, made)
  }
}

const keysOf = new WeakMap<Config, PlaceKeys>()

/** The place that an event tells of. */
export function knownPlace(config: Config, ip: string | undefined, agent: string, ja4: string): KnownPlace {
  if (ip === undefined) return nowhere
  let keys = keysOf.get(config)
  if (!keys) {
    keys = new PlaceKeys(config)
    keysOf.set(config, keys)
  }
  return keys.placeOf(ip, agent, ja4)
}
