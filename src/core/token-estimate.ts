/** Characters of JSON per model token, as a rule of thumb over common tokenizers. */
const CHARACTERS_PER_TOKEN = 4

/** Roughly how many tokens a tool's definition costs a model each time it is listed. An estimate, not a count. */
export const estimateTokens = (definition: object): number => Math.ceil(JSON.stringify(definition).length / CHARACTERS_PER_TOKEN)
