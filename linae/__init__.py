"""linae: every critical point of the linear autoencoder loss, predicted, found, certified.

    moments = linae.Moments.from_data(X)
    landscape = linae.SquaredLoss(moments, width=2)
    for critical in landscape.critical_classes():
        print(linae.certify(landscape, *critical.weights()))

Throughout:

    X, Y        inputs (N, m) and targets (N, n), rows are samples; x, y one sample as a column
    m, n, p     numbers of inputs, of outputs, of hidden units (`width`)
    A, B        decoder (n, p) and encoder (p, m); W = A B the end-to-end map
    Sxx Syx Syy second moments, means over samples; Sxy = Syxᴴ
    Σ           Syx Sxx⁺ Sxy; λ₁ ≥ λ₂ ≥ … its eigenvalues, u₁, u₂, … eigenvectors; ρ its rank
    d           rank of Sxx;  Sxx = R Rᴴ, G = Syx R⁺ᴴ, Σ = G Gᴴ
    J, K        selected components (0-based index set), unselected components with λ ≠ 0
    r, q        |J|, the rank of a class; q = p − r spare hidden units
    M           gauge, in GL(p): (A M⁻¹, M B) is the same map as (A, B)
    X₀, Y₀      kernel blocks of a critical point, X₀ Y₀ = 0; of ranks x and y
    inertia     (negative, zero, positive): numbers of Hessian eigenvalues; index = negative,
                nullity = zero
    ᴴ ⁺ ⁻ ‖·‖   adjoint, pseudo-inverse, any generalised inverse, Frobenius norm
"""

from linae.certify import Certificate, certify
from linae.critical import CriticalClass, number_of_classes
from linae.descent import Descent, descend
from linae.flow import Flow, gradient_flow
from linae.inertia import Inertia, inertia
from linae.landscapes.adversarial import Adversarial
from linae.landscapes.contractive import Contractive
from linae.landscapes.convolutional import Convolutional
from linae.landscapes.deep import DeepLinear
from linae.landscapes.dropout import Dropout
from linae.landscapes.nested import NestedLoss
from linae.landscapes.nonuniform import NonuniformDecay
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tied import TiedWeights
from linae.landscapes.tied_contractive import TiedContractive
from linae.landscapes.variational import Variational
from linae.landscapes.weight_decay import WeightDecay
from linae.landscapes.whitening import Whitening
from linae.minima import barrier, connect
from linae.moments import Moments
from linae.paths import Escape, escape
from linae.rests import predicted_rests, rests
from linae.schur import is_psd, schur_complement
from linae.spectrum import Spectrum
from linae.verdict import Verdict

__version__ = "0.1.0"

__all__ = [
    "Adversarial",
    "Certificate",
    "Contractive",
    "Convolutional",
    "CriticalClass",
    "DeepLinear",
    "Descent",
    "Dropout",
    "Escape",
    "Flow",
    "Inertia",
    "Moments",
    "NestedLoss",
    "NonuniformDecay",
    "Spectrum",
    "SquaredLoss",
    "TiedContractive",
    "TiedWeights",
    "Variational",
    "Verdict",
    "WeightDecay",
    "Whitening",
    "barrier",
    "certify",
    "connect",
    "descend",
    "escape",
    "gradient_flow",
    "inertia",
    "is_psd",
    "number_of_classes",
    "predicted_rests",
    "rests",
    "schur_complement",
]
