import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**', '.cache/**'],
    pool: 'forks',
    globalSetup: ['test/peers/global-setup.ts'],
    testTimeout: 30_000,
    // `expect.poll` without a deadline of its own gives up after a second, in which a machine may pause.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
  },
})
