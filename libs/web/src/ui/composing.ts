/** What browsers report as `keyCode` of a key that went to an input method. */
const KEY_OF_INPUT_METHOD = 229;
/** Safari first reports that a composition has ended and then which key ended it, both within this time, ms. */
const SAME_MOMENT_MS = 100;

let endedAt = -Infinity;
document.addEventListener(
  'compositionend',
  ({ timeStamp }) => {
    endedAt = timeStamp;
  },
  true,
);
document.addEventListener(
  'keyup',
  () => {
    endedAt = -Infinity;
  },
  true,
);

/** Whether a key was meant for an input method: it chose a character, and is not a command to the page. */
export function isComposing(event: Pick<KeyboardEvent, 'isComposing' | 'keyCode' | 'timeStamp'>): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Safari tells it by nothing else
  const { isComposing: isUnderWay, keyCode, timeStamp } = event;
  return isUnderWay || keyCode === KEY_OF_INPUT_METHOD || timeStamp - endedAt < SAME_MOMENT_MS;
}
