/** With this id, a client of LangGraph asks for a run from its first event. */
const FROM_THE_START = '-1';

/** The last event that a client has seen. */
export const lastSeen = (id: string | undefined): string | undefined =>
  id === FROM_THE_START ? undefined : id;
