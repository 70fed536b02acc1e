export { ReplayDoor } from './replay.door.js';
