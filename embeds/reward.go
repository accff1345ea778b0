package embeds

import (
	"progressbot/embeds/catalog"
	"progressbot/progressapi"
)

// maxRewardText bounds a reward's description.
const maxRewardText = 160

// rewardText is what completing the program earns, "" if nothing is known of
// it. Whether it waits or was claimed is said to the person alone.
func rewardText(v *View, p *progressapi.Program) string {
	if p.Reward == nil {
		return ""
	}
	var room [512]byte
	b := append(room[:0], Escape(p.Reward.Name, maxName)...)
	for _, line := range [...]string{Escape(p.Reward.Description, maxRewardText), rewardState(v, p)} {
		if line == "" {
			continue
		}
		if len(b) > 0 {
			b = append(b, '\n')
		}
		b = append(b, line...)
	}
	return string(b)
}

func rewardState(v *View, p *progressapi.Program) string {
	w := v.Words
	switch r := p.Reward; {
	case !v.showsRewards():
		return ""
	case r.IsClaimed && isShowable(r.Claimed):
		return w.Text(catalog.RewardClaimedAt, stamp(r.Claimed, styleRelative))
	case r.IsClaimed:
		return w.Text(catalog.RewardClaimed)
	case r.CanClaim:
		return w.Text(catalog.RewardClaimable)
	case p.Completion() == progressapi.Incomplete && p.Phase(v.Now) != progressapi.Ended:
		return w.Text(catalog.RewardOpen)
	}
	return ""
}
