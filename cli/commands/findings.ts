import { Command } from 'commander'

export function findingsCommand(): Command {
  return new Command('findings')
}
