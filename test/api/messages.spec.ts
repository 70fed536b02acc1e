import type mongoose from 'mongoose';
import { startTestApp, type TestApp } from '../support/app.js';

describe("a chat's history", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.destroy());

  it('is served by an index, in its order', async () => {
    const messages = app.nest.get<mongoose.Connection>('DatabaseConnection').collection('messages');
    const plan = await messages
      .find({ tenant_id: 'default', chat_id: '550e8400-e29b-41d4-a716-446655440000' })
      .sort({ created_at: 1, _id: 1 })
      .explain('queryPlanner');
    const text = JSON.stringify(plan['queryPlanner'].winningPlan);
    expect(text).toContain('IXSCAN');
    expect(text).not.toMatch(/COLLSCAN|"SORT"/);
  });
});
