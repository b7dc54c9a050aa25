import { z } from 'zod'
import { playbookModes } from '../../core/response/playbook.ts'
import { addressOrCidr, durationBetween, filePath, name, share } from './values.ts'

const ids = (what: string) =>
  z
    .array(z.string().min(1).max(256))
    .max(10_000)
    .default([])
    .describe(`${what} that nothing is enforced on, as they stand in events. Default: none.`)

const addresses = z.array(addressOrCidr).max(10_000).default([])

const protectedSet = z
  .strictObject({
    defaults: z
      .boolean()
      .default(true)
      .describe(
        'Whether loopback, private, link-local and carrier NAT addresses are protected. Default true; set false only where real clients have such addresses, such as behind a VPN.',
      ),
    ips: addresses.describe(
      'Addresses and CIDRs that nothing is enforced on: monitors, offices, partners. Default: none beside `defaults`.',
    ),
    principals: ids('Principals'),
    keys: ids('Ids of API keys'),
    clients: ids('OAuth clients'),
  })
  .prefault({})
  .describe('Whom nothing is ever enforced on. Attackers among them are found and paged, not stopped.')

const limits = z
  .strictObject({
    targets_per_hour: z
      .int()
      .min(1)
      .max(100_000)
      .default(50)
      .describe(
        'Targets that one playbook may enforce on in an hour, unless it says so itself. Default 50; a wrong detector harms at most as many.',
      ),
    share_of_clients: share
      .default(0.01)
      .describe(
        "Share of the last hour's clients that may be under enforcement, unless a playbook says so itself; never below three targets. Default 1%.",
      ),
    principals_max: z
      .int()
      .min(0)
      .max(100_000)
      .default(5)
      .describe(
        'Distinct authenticated principals of the last hour that may stand behind an address, network or fingerprint that is enforced on. Default 5; higher hits offices and carriers.',
      ),
    share_of_requests: share
      .default(0.1)
      .describe(
        'Share of all requests of the last hour that may come from an address, network or fingerprint that is enforced on. Default 10%; a busier one is likely a proxy of ours.',
      ),
  })
  .prefault({})
  .describe('How much a wrong detector could harm at most.')

/** What may be done about findings, and how much of it. */
export const response = z
  .strictObject({
    protected: protectedSet,
    limits,
    kill_switch_file: filePath
      .optional()
      .describe(
        'While this file exists nothing is enforced, whatever else is down. Default: `kill-switch` in the data directory. It is asked before every effect, so keep it on a local disk.',
      ),
    actionable_for: durationBetween('1s', '24h')
      .default('10m')
      .describe(
        'Age up to which a finding is acted on; older ones are stored and paged. Default 10m, because whoever was at an address an hour ago may have left it.',
      ),
    exempt_for: durationBetween('1m', '30d')
      .default('24h')
      .describe('How long a manual undo keeps the machine off that entity for that detector. Default 24h.'),
    mode: z
      .enum(playbookModes)
      .optional()
      .describe(
        'Mode of every playbook, over what it says itself. Default: each its own. `dry_run` here stops all enforcement without touching files.',
      ),
    modes: z
      .record(name, z.enum(playbookModes))
      .default({})
      .describe(
        'Mode by playbook id, over `mode` and over what the playbook says. Default: none. This is how a shipped playbook is switched from dry_run to canary or enforce.',
      ),
  })
  .prefault({})
  .describe('What may be done about findings, and how much of it.')
