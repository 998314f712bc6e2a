// All: everyone who watches a run. Each claim has one watcher; two claims are judged elsewhere: faulty-store.ts sees whether
// commits overlap, simulate.ts whether the engine comes to rest.

import type { Plan } from '../plan.ts';
import type { Scene, Watcher } from '../scene.ts';
import type { Users } from '../users.ts';
import { memoryIsBounded, pendingIsTrue } from './bounds.ts';
import { leasesAreObeyed, oneOwnerAShard } from './cluster.ts';
import { nothingKillsForEver, suspectsGoAlone } from './crashes.ts';
import { answersAreDurable, nothingIsLost } from './durability.ts';
import { concurrencyIsBounded, fifoIsKept, heldAreLeftAlone, oneAttemptAtATime } from './flow.ts';
import { attemptsAreGapless, finalStaysFinal } from './history.ts';
import { ratesAreKept } from './pace.ts';
import { everySubscriberIsReached, publishingIsIdempotent } from './publishing.ts';
import { schedulesAreKept } from './schedule.ts';
import { statisticsAreTrue } from './statistics.ts';
import { deliveredIsReceived, messagesAreAsPublished } from './truth.ts';
import { failuresAreTold, replaysMakeEachOnce, youngIsKept } from './upkeep.ts';

export function watchers(scene: Scene, plan: Plan, users: Users): readonly Watcher[] {
  const { directory, publishers } = users;
  return [
    answersAreDurable(scene),
    nothingIsLost(scene),
    deliveredIsReceived(scene),
    messagesAreAsPublished(scene, publishers),
    attemptsAreGapless(scene),
    finalStaysFinal(scene),
    schedulesAreKept(scene),
    oneAttemptAtATime(scene),
    concurrencyIsBounded(scene, plan.limits.inFlightMax ?? 1_024),
    fifoIsKept(scene, users),
    heldAreLeftAlone(scene, directory),
    everySubscriberIsReached(scene, directory),
    publishingIsIdempotent(scene),
    pendingIsTrue(scene),
    memoryIsBounded(scene, plan),
    ...(scene.isShared ? [oneOwnerAShard(scene), leasesAreObeyed(scene)] : [nothingKillsForEver(scene), suspectsGoAlone(scene)]),
    ratesAreKept(scene),
    failuresAreTold(scene, plan),
    replaysMakeEachOnce(scene),
    youngIsKept(scene, plan),
    statisticsAreTrue(scene),
  ];
}
