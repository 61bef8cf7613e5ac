#include "config.h"

#include "base/ranked.h"

#include "base/index.h"
#include "base/xalloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void ranked_init(struct ranked *r, ranked_cmp_fn cmp, const void *ctx)
{
    *r = (struct ranked){.cmp = cmp, .ctx = ctx, .seed = 0x9e3779b9u};
}

void ranked_finish(struct ranked *r)
{
    free(r->nodes);
    r->nodes = NULL;
    r->room = r->root = 0;
}

void ranked_clear(struct ranked *r)
{
    if (r->nodes != NULL)
        memset(r->nodes, 0, r->room * sizeof *r->nodes);
    r->root = 0;
}

static struct ranked_node *node(const struct ranked *r, uint32_t ref)
{
    return &r->nodes[ref - 1];
}

static uint32_t size_of(const struct ranked *r, uint32_t ref)
{
    return ref ? node(r, ref)->size : 0;
}

static void resize_node(struct ranked *r, uint32_t ref)
{
    struct ranked_node *n = node(r, ref);

    n->size = 1 + size_of(r, n->left) + size_of(r, n->right);
}

static void grow(struct ranked *r, uint32_t slot)
{
    uint32_t room = r->room ? r->room : 64;

    if (slot < r->room)
        return;
    while (room <= slot)
        room += room / 2;
    r->nodes = xrealloc(r->nodes, room, sizeof *r->nodes);
    memset(r->nodes + r->room, 0, (room - r->room) * sizeof *r->nodes);
    r->room = room;
}

static uint32_t next_random(struct ranked *r)
{
    r->seed ^= r->seed << 13;
    r->seed ^= r->seed >> 17;
    r->seed ^= r->seed << 5;
    return r->seed;
}

/* Puts `to` where `from` hangs. */
static void replace_child(struct ranked *r, uint32_t from, uint32_t to)
{
    uint32_t up = node(r, from)->up;

    if (up == 0)
        r->root = to;
    else if (node(r, up)->left == from)
        node(r, up)->left = to;
    else
        node(r, up)->right = to;
    if (to)
        node(r, to)->up = up;
}

/* Lifts `ref` above its parent. */
static void rotate_up(struct ranked *r, uint32_t ref)
{
    struct ranked_node *n = node(r, ref);
    uint32_t up = n->up;
    struct ranked_node *p = node(r, up);
    uint32_t moved;

    replace_child(r, up, ref);
    if (p->left == ref) {
        moved = n->right;
        p->left = moved;
        n->right = up;
    } else {
        moved = n->left;
        p->right = moved;
        n->left = up;
    }
    if (moved)
        node(r, moved)->up = up;
    p->up = ref;
    resize_node(r, up);
    resize_node(r, ref);
}

static int order(const struct ranked *r, uint32_t a, uint32_t b)
{
    int c = r->cmp(r->ctx, a, b);

    return c != 0 ? c : a < b ? -1 : a > b;
}

void ranked_insert(struct ranked *r, uint32_t slot)
{
    uint32_t ref = slot + 1, at, up = 0;
    bool left = false;

    grow(r, slot);
    assert(node(r, ref)->size == 0);
    for (at = r->root; at != 0;) {
        up = at;
        node(r, at)->size++;
        left = order(r, slot, at - 1) < 0;
        at = left ? node(r, at)->left : node(r, at)->right;
    }
    *node(r, ref) = (struct ranked_node){
        .up = up, .size = 1, .priority = next_random(r)};
    if (up == 0)
        r->root = ref;
    else if (left)
        node(r, up)->left = ref;
    else
        node(r, up)->right = ref;
    while (node(r, ref)->up != 0 &&
           node(r, node(r, ref)->up)->priority < node(r, ref)->priority)
        rotate_up(r, ref);
}

bool ranked_remove(struct ranked *r, uint32_t slot)
{
    uint32_t ref = slot + 1, up;

    if (!ranked_has(r, slot))
        return false;
    for (;;) {
        struct ranked_node *n = node(r, ref);

        if (n->left && n->right)
            rotate_up(r, node(r, n->left)->priority >
                                 node(r, n->right)->priority
                             ? n->left
                             : n->right);
        else
            break;
    }
    up = node(r, ref)->up;
    replace_child(r, ref,
                  node(r, ref)->left ? node(r, ref)->left
                                     : node(r, ref)->right);
    for (; up != 0; up = node(r, up)->up)
        node(r, up)->size--;
    memset(node(r, ref), 0, sizeof(struct ranked_node));
    return true;
}

bool ranked_has(const struct ranked *r, uint32_t slot)
{
    return slot < r->room && r->nodes[slot].size > 0;
}

uint32_t ranked_count(const struct ranked *r)
{
    return size_of(r, r->root);
}

uint32_t ranked_at(const struct ranked *r, uint32_t n)
{
    uint32_t at = r->root;

    while (at != 0) {
        uint32_t before = size_of(r, node(r, at)->left);

        if (n < before) {
            at = node(r, at)->left;
        } else if (n == before) {
            return at - 1;
        } else {
            n -= before + 1;
            at = node(r, at)->right;
        }
    }
    return SLOT_NONE;
}

uint32_t ranked_rank(const struct ranked *r, uint32_t slot)
{
    uint32_t at = slot + 1, rank, up;

    if (!ranked_has(r, slot))
        return SLOT_NONE;
    rank = size_of(r, node(r, at)->left);
    for (; (up = node(r, at)->up) != 0; at = up)
        if (node(r, up)->right == at)
            rank += size_of(r, node(r, up)->left) + 1;
    return rank;
}

uint32_t ranked_next(const struct ranked *r, uint32_t slot)
{
    uint32_t at = slot + 1, up;

    if (!ranked_has(r, slot))
        return SLOT_NONE;
    if (node(r, at)->right) {
        at = node(r, at)->right;
        while (node(r, at)->left)
            at = node(r, at)->left;
        return at - 1;
    }
    while ((up = node(r, at)->up) != 0 && node(r, up)->right == at)
        at = up;
    return up ? up - 1 : SLOT_NONE;
}

static uint32_t build(struct ranked *r, const uint32_t *slots, uint32_t n,
                      uint32_t up, uint32_t priority)
{
    uint32_t mid = n / 2, ref;

    if (n == 0)
        return 0;
    ref = slots[mid] + 1;
    *node(r, ref) = (struct ranked_node){
        .up = up, .size = n, .priority = priority};
    node(r, ref)->left = build(r, slots, mid, ref, priority / 2);
    node(r, ref)->right =
        build(r, slots + mid + 1, n - mid - 1, ref, priority / 2);
    return ref;
}

void ranked_build(struct ranked *r, const uint32_t *slots, uint32_t n)
{
    uint32_t top = 0;

    for (uint32_t i = 0; i < n; i++)
        if (slots[i] > top)
            top = slots[i];
    ranked_clear(r);
    if (n > 0)
        grow(r, top);
    r->root = build(r, slots, n, 0, UINT32_MAX);
}
