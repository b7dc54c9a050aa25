import { Command } from 'commander'

export function baselineCommand(): Command {
  return new Command('baseline')
}
