import { fileURLToPath } from 'node:url';

/** Where `libs/web` builds to; as far from `src/web` as from `dist/web`. */
export const BUILD = fileURLToPath(new URL('../../libs/web/dist', import.meta.url));
