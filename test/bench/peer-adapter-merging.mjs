// The same with merging of waiting deltas, as in production: under load fewer, larger frames carry the same text.
import { adapter } from './peer-adapter.mjs';

export default adapter('reprise (merging)', { MERGE: '1' });
