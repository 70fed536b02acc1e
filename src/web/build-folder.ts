import { fileURLToPath } from 'node:url';

/** Where `libs/web` builds to; equally far from `src/web` and from `dist/web`. */
export const BUILD = fileURLToPath(new URL('../../libs/web/dist', import.meta.url));
