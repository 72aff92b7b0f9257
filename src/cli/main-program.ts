import { fileURLToPath } from 'node:url'

/** What Node runs for every process of the tree; a child of built code is built code. */
export const mainProgram = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url))
