import { COMMENT_HEARTBEAT, dataFrames, type Dialect } from '../../streams/index.js';
import { fold, initialTalk, type TalkState } from './fold.js';

/**
 * The frames of the conversations door: `data:` alone, whose `type` is one of five. Its client appends tokens to what it
 * has, so nothing is opened again for one that resumes.
 */
export const conversations: Dialect<TalkState> = {
  name: 'conversations',
  heartbeat: COMMENT_HEARTBEAT,
  stateful: true,
  initial: initialTalk,
  encode(state, event) {
    const [told, next] = fold(state, event);
    return { frames: dataFrames(told ? [told] : [], event.id), state: next };
  },
  preamble: () => '',
  // Clients that read a response to its end would take a clean end without `complete` for an empty answer.
  epilogue: (closing) => (closing === 'ended' ? '' : undefined),
};
