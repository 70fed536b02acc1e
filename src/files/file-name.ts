/** Folders, control characters, and characters that change the direction or are not seen. */
const FOLDERS = /^.*[\\/]/s;
const MISLEADING = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const NAME_MAX_CHARS = 200;
const ENDING = /\.[\p{L}\p{N}]{1,16}$/u;

/** A file's name as it is shown: what a client calls it, without what could mislead a reader or a system. */
export function fileName(given: string): string {
  const name = given
    .toWellFormed()
    .replace(FOLDERS, '')
    .replace(MISLEADING, '')
    .normalize('NFC')
    .trim()
    .replace(/^\.+/, '');
  if (name.length <= NAME_MAX_CHARS) return name === '' ? 'file' : name;
  const ending = ENDING.exec(name)?.[0] ?? '';
  return `${name
    .slice(0, NAME_MAX_CHARS - ending.length)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}${ending}`;
}
