import { Command } from 'commander'

export function decisionsCommand(): Command {
  return new Command('decisions')
}
