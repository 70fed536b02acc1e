export { AnswerStreams, type AnswerRequest, type AskedQuestion } from './answer-streams.js';
export { StreamsHttpModule } from './streams-http.module.js';
