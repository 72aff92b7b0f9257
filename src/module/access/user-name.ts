import { z } from 'zod'

/** A user's name: what people sign in with. */
export const UserName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._@+-]{0,63}$/u,
    'Expected 1 to 64 letters, digits or . _ @ + -, beginning with a letter or digit',
  )

/** A name as names are compared: upper and lower case, and compatible forms, are one. */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase()
