import { perConfig } from '../../core/detector/per-config.ts'
import type { Config } from './config.ts'
import { isInfrastructure } from './infrastructure.ts'
import { addressOf, agentFamily, placeKey, tlsTrait } from './place.ts'

/** Clients remembered; then all are forgotten, which costs less than choosing. */
const placesMax = 50_000
/** Longer texts are not remembered: an attacker chooses how much memory they take. */
const textLengthMax = 256

/** What an event tells of where a token is used; texts are empty for infrastructure and the unknown. */
export class KnownPlace {
  readonly key: string
  readonly #trait: string
  #country: string | undefined
  #sameness: string

  /** `trait` is all that judging could tell from another use, country apart. */
  constructor(key: string, trait: string) {
    this.key = key
    this.#trait = trait
    this.#sameness = trait
  }

  /** All that judging could tell from another use. Mostly asked for the same country again. */
  sameness(country: string | undefined): string {
    if (country !== this.#country) {
      this.#country = country
      this.#sameness = country === undefined || this.#trait === '' ? this.#trait : `${this.#trait} ${country}`
    }
    return this.#sameness
  }
}

const nowhere = new KnownPlace('', '')

/** Clients remembered of one address: most have one, and an office has its own few software. */
const clientsMax = 8

/** A client behind an address, and the one remembered before it. */
interface Client {
  readonly agent: string
  readonly ja4: string
  readonly place: KnownPlace
  readonly before: Client | undefined
  readonly count: number
}

/** The places by what an event says: clients come again and again, and making a key costs more than all else. */
class PlaceKeys {
  readonly #config: Config
  readonly #clients = new Map<string, Client>()
  #size = 0

  constructor(config: Config) {
    this.#config = config
  }

  placeOf(ip: string, agent: string, ja4: string): KnownPlace {
    const newest = this.#clients.get(ip)
    for (let client = newest; client; client = client.before) {
      if (client.agent === agent && client.ja4 === ja4) return client.place
    }
    const made = this.#made(ip, agent, ja4)
    if (ip.length <= textLengthMax && agent.length <= textLengthMax && ja4.length <= textLengthMax) {
      this.#remember(ip, { agent, ja4, place: made }, newest)
    }
    return made
  }

  #made(ip: string, agent: string, ja4: string): KnownPlace {
    const address = addressOf(ip)
    if (address === '' || isInfrastructure(address, agent, this.#config)) return nowhere
    const place = { address, agent: agentFamily(agent), tls: tlsTrait(ja4) }
    const key = placeKey(place)
    // Of software with a fingerprint not the address: one software in many networks is nobody's theft.
    return new KnownPlace(key, place.tls === '' ? key : placeKey({ ...place, address: '' }))
  }

  #remember(ip: string, client: Pick<Client, 'agent' | 'ja4' | 'place'>, newest: Client | undefined): void {
    if (this.#size++ >= placesMax) {
      this.#clients.clear()
      this.#size = 1
    }
    // Too many to look through: they are forgotten, and those that are still there come back.
    const before = newest && newest.count < clientsMax ? newest : undefined
    this.#clients.set(ip, { ...client, before, count: (before?.count ?? 0) + 1 })
  }
}

const keysOf = perConfig((config: Config) => new PlaceKeys(config))

/** The place that an event tells of. */
export function knownPlace(config: Config, ip: string | undefined, agent: string, ja4: string): KnownPlace {
  return ip === undefined ? nowhere : keysOf(config).placeOf(ip, agent, ja4)
}
