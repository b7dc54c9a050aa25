import { perConfig } from '../../core/detector/per-config.ts'
import type { EventView } from '../../core/event/event.ts'
import { fieldNumber, hintsOf } from '../../core/event/event-record.ts'
import type { Config } from './config.ts'
import { isInfrastructure } from './infrastructure.ts'
import { addressOf, agentFamily, placeKey, tlsTrait } from './place.ts'

type ClientEvent = EventView<'caller' | 'client.ip' | 'client.user_agent' | 'client.ja4'>

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
  readonly ip: string
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
  /** The last client that came with a hint for its address, `EventRecord.hints`: found without a look-up. */
  readonly #hinted: (Client | undefined)[] = [undefined]

  constructor(config: Config) {
    this.#config = config
  }

  placeOf(ip: string, agent: string, ja4: string, hint: number): KnownPlace {
    const likely = this.#hinted[hint]
    if (likely && likely.ip === ip && likely.agent === agent && likely.ja4 === ja4) return likely.place
    const newest = this.#clients.get(ip)
    let client = newest
    while (client && !(client.agent === agent && client.ja4 === ja4)) client = client.before
    if (!client) {
      const place = this.#made(ip, agent, ja4)
      if (ip.length > textLengthMax || agent.length > textLengthMax || ja4.length > textLengthMax)
        return place
      client = this.#remember({ ip, agent, ja4, place }, newest)
    }
    while (this.#hinted.length < hint) this.#hinted.push(undefined)
    this.#hinted[hint] = client
    return client.place
  }

  #made(ip: string, agent: string, ja4: string): KnownPlace {
    const address = addressOf(ip)
    if (address === '' || isInfrastructure(address, agent, this.#config)) return nowhere
    const place = { address, agent: agentFamily(agent), tls: tlsTrait(ja4) }
    const key = placeKey(place)
    // Of software with a fingerprint not the address: one software in many networks is nobody's theft.
    return new KnownPlace(key, place.tls === '' ? key : placeKey({ ...place, address: '' }))
  }

  #remember(client: Omit<Client, 'before' | 'count'>, newest: Client | undefined): Client {
    if (this.#size++ >= placesMax) {
      this.#clients.clear()
      this.#size = 1
    }
    // Too many to look through: they are forgotten, and those that are still there come back.
    const before = newest && newest.count < clientsMax ? newest : undefined
    const remembered = { ...client, before, count: (before?.count ?? 0) + 1 }
    this.#clients.set(client.ip, remembered)
    return remembered
  }
}

const keysOf = perConfig((config: Config) => new PlaceKeys(config))

const ipField = fieldNumber('client.ip')

/** The place that an event tells of. A use by own infrastructure, or from an unknown address, has none. */
export function knownPlace(event: ClientEvent, config: Config): KnownPlace {
  const { 'client.ip': ip, 'client.user_agent': agent = '', 'client.ja4': ja4 = '' } = event
  if (ip === undefined || event.caller !== undefined) return nowhere
  return keysOf(config).placeOf(ip, agent, ja4, hintsOf(event)[ipField] as number)
}
