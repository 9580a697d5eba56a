"""REINFORCE on a corridor: a policy learns from rewards alone.

The agent starts in the middle of a corridor of seven cells.  The right end pays 1 and ends the
walk, the left end ends it with nothing; a step costs 0.02.  The policy is a Categorical; the
gradient of the mean return is the mean of log-probability gradients weighted with returns
(R. Williams, 1992).  A Normal policy for the length of a jump shows the pathwise gradient.

    python examples/reinforce.py
"""

import chainrule as torch
from chainrule import distributions, nn, optim

CELLS, START, COST = 7, 3, 0.02


def walk(policy, limit=30):
    """One episode: log-probabilities of the actions taken, and the rewards."""
    cell, log_probs, rewards = START, [], []
    while 0 < cell < CELLS - 1 and len(rewards) < limit:
        place = nn.functional.one_hot(torch.tensor(cell), CELLS).float()
        choice = distributions.Categorical(logits=policy(place))
        action = choice.sample()
        log_probs.append(choice.log_prob(action))
        cell += 2 * int(action) - 1
        rewards.append(float(cell == CELLS - 1) - COST)
    return torch.stack(log_probs), rewards


def returns(rewards, discount=0.99):
    """What each step earned from there to the end."""
    found = [0.0]
    for reward in reversed(rewards):
        found.insert(0, reward + discount * found[0])
    return torch.tensor(found[:-1])


def corridor(episodes=60):
    """The total reward of each episode."""
    policy = nn.Sequential(nn.Linear(CELLS, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer, totals = optim.Adam(policy.parameters(), lr=0.02), []
    for _ in range(episodes):
        log_probs, rewards = walk(policy)
        loss = -(log_probs * (returns(rewards) - 0.4)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        totals.append(sum(rewards))
    return totals


def jump(steps=60, target=1.5):
    """The losses of a Normal policy that learns to jump to `target`, and where it ends up."""
    mean, log_scale = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer, losses = optim.Adam([mean, log_scale], lr=0.05), []
    for _ in range(steps):
        policy = distributions.Normal(mean, log_scale.exp())
        reach = policy.rsample((64,))  # differentiable: the pathwise gradient
        far = distributions.kl_divergence(policy, distributions.Normal(0.0, 2.0))
        loss = ((reach - target) ** 2).mean() + 0.05 * far.sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, mean.item(), log_scale.exp().item()


def main(steps=60):
    torch.manual_seed(0)
    totals = corridor()
    torch.manual_seed(1)
    return totals, *jump(steps)


if __name__ == "__main__":
    totals, losses, mean, scale = main()
    for first in range(0, len(totals), 10):
        print(f"episodes from {first:2}: mean return {sum(totals[first : first + 10]) / 10:+.3f}")
    print(f"jump: loss {losses[0]:.4f} -> {losses[-1]:.4f}, Normal({mean:.3f}, {scale:.3f})")
