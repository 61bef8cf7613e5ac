/* What the habitat takes at most; GET /api/v1/habitat tells them. */
#ifndef HABITAT_LIMITS_H
#define HABITAT_LIMITS_H

#define LIMIT_AGENTS 512         /* that live at once: 429 */
#define LIMIT_AGENTS_KEPT 2048   /* ended ones are forgotten, oldest first */
#define LIMIT_EVENTS_PER_S 10000 /* posted, all agents, burst of 2 s: 429 */
#define LIMIT_LINES_PER_S 200    /* of one agent's output, burst of 5 s */
#define LIMIT_BODY (1u << 20)    /* bytes of a request: 413 */
#define LIMIT_BATCH 1000         /* events in one POST: 413 */
#define LIMIT_TEXT 2048          /* bytes of one thought; more is cut */
#define LIMIT_DIFF (256u << 10)
#define LIMIT_PROPOSAL_BYTES (16LL << 20) /* of those that wait: 429 */
#define LIMIT_PROPOSALS 1000     /* open at once: 429 */
#define LIMIT_PHEROMONES 10000   /* at once: 429 */
#define LIMIT_STREAMS 64         /* readers at once: 429 */
#define LIMIT_STREAM_QUEUE (512u << 10) /* bytes not read: dropped */
#define LIMIT_WAITS 512          /* held answers at once: 429 */
#define LIMIT_EVENTS_KEPT 200000 /* rows; the oldest go */
#define LIMIT_DAYS_KEPT 14
#define LIMIT_BYTES_KEPT (256LL << 20) /* of the database; then the oldest go */
#define LIMIT_REQUESTS_KEPT 50000 /* answers kept for repeated requests */
#define LIMIT_CATCH_UP 5000      /* events a stream starts with at most */

#endif
