/**
 * What is worked out of a configuration once: `observe` asks with every event, mostly for the same one, so that one is found
 * without a look-up.
 */
export function perConfig<Config extends object, Made>(
  make: (config: Config) => Made,
): (config: Config) => Made {
  const known = new WeakMap<Config, { readonly made: Made }>()
  let last: Config | undefined
  let lastMade: Made
  return (config) => {
    if (config === last) return lastMade
    let one = known.get(config)
    if (!one) {
      one = { made: make(config) }
      known.set(config, one)
    }
    last = config
    lastMade = one.made
    return lastMade
  }
}
