import { createKeys } from '../../../src/core/keys.ts'

/** Keys of the test houses. */
export const TEST_KEYS = createKeys({
  SECRET_KEY_BASE: 'a'.repeat(64),
  COOKIE_SALT: 'b'.repeat(64),
  ACCESS_CONTROL_KEY: 'c'.repeat(64),
})
