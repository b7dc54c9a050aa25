import { latenessMsDefault } from '../../core/engine/watermarks.ts'

/** How finely event time goes on with the clock: each step is an entry in the control log. */
const stepMs = 5000

/** Where event time stands, epoch milliseconds. */
export interface EventTime {
  /** Greatest time of an event. */
  readonly greatest: number
  readonly watermark: number
  /** Where everything is sealed. */
  readonly sealedAt: number
}

/** Event time during a silence, which goes on with the clock from the last event. */
export class KeptTime {
  #quietSince = 0

  /** Where event time should go; `undefined` while it may stay. `now` is the clock's, epoch milliseconds. */
  next(now: number, isBusy: boolean, { greatest, watermark, sealedAt }: EventTime): number | undefined {
    if (isBusy || this.#quietSince === 0) {
      this.#quietSince = now
      return undefined
    }
    // A sender's clock that is ahead must not take time along, or what comes next would be late.
    const last = greatest > this.#quietSince ? this.#quietSince - latenessMsDefault : greatest
    // No further than everything is sealed: a machine that slept for an hour still has to read what came meanwhile.
    const time = Math.min(last + now - this.#quietSince, sealedAt)
    if (!Number.isFinite(time) || watermark >= sealedAt) return undefined
    if (time < watermark + stepMs && time < sealedAt) return undefined
    return time
  }
}
