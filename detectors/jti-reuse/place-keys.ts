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

/** What a client says of itself with every request. */
interface Said {
  readonly ip: string
  readonly agent: string
  readonly ja4: string
}

/** What an event tells of where a token is used; texts are empty for infrastructure and the unknown. */
export class KnownPlace {
  readonly #ip: string
  readonly #agent: string
  readonly #ja4: string
  readonly key: string
  readonly #trait: string
  #country = ''
  #sameness: string
  /** The client remembered of this address before it, and how many there are. */
  readonly before: KnownPlace | undefined
  readonly count: number

  /** `trait` is all that judging could tell from another use, country apart. */
  constructor({ ip, agent, ja4 }: Said, key: string, trait: string, before?: KnownPlace) {
    this.#ip = ip
    this.#agent = agent
    this.#ja4 = ja4
    this.key = key
    this.#trait = trait
    this.#sameness = trait
    this.before = before
    this.count = (before?.count ?? 0) + 1
  }

  /** Whether it is the place of this client. */
  isOf(ip: string, agent: string, ja4: string): boolean {
    return this.#ip === ip && this.#agent === agent && this.#ja4 === ja4
  }

  /** All that judging could tell from another use. Mostly asked for the same country again. */
  sameness(country = ''): string {
    if (country !== this.#country) {
      this.#country = country
      this.#sameness = country === '' || this.#trait === '' ? this.#trait : `${this.#trait} ${country}`
    }
    return this.#sameness
  }
}

const nowhere = new KnownPlace({ ip: '', agent: '', ja4: '' }, '', '')

/** Clients remembered of one address: most have one, and an office has its own few software. */
const clientsMax = 8

/** The places by what an event says: clients come again and again, and making a key costs more than all else. */
class PlaceKeys {
  readonly #config: Config
  /** The newest client of each address. */
  readonly #newest = new Map<string, KnownPlace>()
  #size = 0
  /** The last client that came with a hint for its address, `EventRecord.hints`: found without a look-up. */
  readonly #hinted: (KnownPlace | undefined)[] = [undefined]

  constructor(config: Config) {
    this.#config = config
  }

  placeOf(ip: string, agent: string, ja4: string, hint: number): KnownPlace {
    const likely = this.#hinted[hint]
    if (likely?.isOf(ip, agent, ja4)) return likely
    const newest = this.#newest.get(ip)
    let place = newest
    while (place && !place.isOf(ip, agent, ja4)) place = place.before
    if (!place) {
      const said = { ip, agent, ja4 }
      if (isLong(said)) return this.#made(said, undefined)
      place = this.#remember(said, newest)
    }
    while (this.#hinted.length < hint) this.#hinted.push(undefined)
    this.#hinted[hint] = place
    return place
  }

  #remember(said: Said, newest: KnownPlace | undefined): KnownPlace {
    // Too many to look through: they are forgotten, and those that are still there come back.
    const before = newest && newest.count < clientsMax ? newest : undefined
    const place = this.#made(said, before)
    if (this.#size++ >= placesMax) {
      this.#newest.clear()
      this.#size = 1
    }
    this.#newest.set(said.ip, place)
    return place
  }

  #made(said: Said, before: KnownPlace | undefined): KnownPlace {
    const { ip, agent, ja4 } = said
    const address = addressOf(ip)
    if (address === '' || isInfrastructure(address, agent, this.#config))
      return new KnownPlace(said, '', '', before)
    const place = { address, agent: agentFamily(agent), tls: tlsTrait(ja4) }
    const key = placeKey(place)
    // Of software with a fingerprint not the address: one software in many networks is nobody's theft.
    const trait = place.tls === '' ? key : placeKey({ ...place, address: '' })
    return new KnownPlace(said, key, trait, before)
  }
}

function isLong({ ip, agent, ja4 }: Said): boolean {
  return ip.length > textLengthMax || agent.length > textLengthMax || ja4.length > textLengthMax
}

const keysOf = perConfig((config: Config) => new PlaceKeys(config))

const ipField = fieldNumber('client.ip')

/** The place that an event tells of. A use by own infrastructure, or from an unknown address, has none. */
export function knownPlace(event: ClientEvent, config: Config): KnownPlace {
  const { 'client.ip': ip, 'client.user_agent': agent = '', 'client.ja4': ja4 = '' } = event
  if (ip === undefined || event.caller !== undefined) return nowhere
  return keysOf(config).placeOf(ip, agent, ja4, hintsOf(event)[ipField] as number)
}
