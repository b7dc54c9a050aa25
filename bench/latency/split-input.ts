/** What the tasks about a cluster whose roles are split are given. */
export interface SplitInput {
  readonly brokers: string[]
  readonly topic: string
  /** Each with the configuration of its process. */
  readonly roles: readonly { readonly role: string; readonly config: string }[]
  /** Of ext_authz. */
  readonly port: number
  /** A recording. */
  readonly path: string
  readonly seconds: number
  readonly built: boolean
}
