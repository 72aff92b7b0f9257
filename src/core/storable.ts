/**
 * A text that a database gives back as it was given: well-formed Unicode without NUL.
 *
 * SQLite ends texts at NUL and Postgres refuses it; a half surrogate pair becomes another character. A chain would call that an edit.
 */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')
