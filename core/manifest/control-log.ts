/**
 * What changed how events are judged, besides the events themselves, so that live can be replayed. An entry takes
 * effect at `at`: a pane boundary ahead of the watermark when it was written.
 */
export type ControlEntry =
  | { readonly kind: 'manifest'; readonly at: number; readonly digest: string }
  /** What may be done about findings changed: playbooks, limits, actions. Findings do not depend on it. */
  | { readonly kind: 'response'; readonly at: number; readonly digest: string }
  | { readonly kind: 'source-idle'; readonly at: number; readonly partition: string }
  | { readonly kind: 'source-active'; readonly at: number; readonly partition: string }
  /** Every source was idle: the watermark was moved by the clock. */
  | { readonly kind: 'watermark'; readonly at: number }
  | {
      readonly kind: 'refused-range'
      readonly at: number
      readonly partition: string
      readonly from: number
      readonly to: number
    }
  /** Records of a source that nobody can read any more: offsets `from` to before `to`. */
  | {
      readonly kind: 'lost-range'
      readonly at: number
      readonly partition: string
      readonly from: number
      readonly to: number
      readonly why: string
    }
  | { readonly kind: 'decision'; readonly at: number; readonly decision: string; readonly inForce: boolean }
